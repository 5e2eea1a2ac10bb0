/**
 * What real pages load beside the package: libraries that extend built-in objects, and monitoring
 * tools that wrap `fetch`.
 */

/**
 * Methods of Prototype.js up to 1.7.2, as far as they stand in the way of others. Written anew;
 * names and results are that library's.
 */
export function prototypeJs(realm) {
  const {
    Array: FrameArray,
    String: FrameString,
    Function: FrameFunction,
    Object: FrameObject,
  } = realm;
  const extend = (object, methods) => {
    for (const name in methods) object[name] = methods[name];
  };
  const each = function (visit) {
    for (let index = 0; index < this.length; index++) visit(this[index], index);
    return this;
  };
  const toArray = function () {
    return FrameArray.prototype.slice.call(this);
  };
  extend(FrameArray.prototype, {
    each,
    _each: each,
    entries: toArray,
    toArray,
    toJSON() {
      return `[${FrameArray.prototype.slice
        .call(this)
        .map((item) => realm.JSON.stringify(item))
        .join(", ")}]`;
    },
    clear() {
      this.length = 0;
      return this;
    },
    first() {
      return this[0];
    },
    last() {
      return this[this.length - 1];
    },
    clone: toArray,
    compact() {
      return this.filter((item) => item != null);
    },
    include(item) {
      return this.indexOf(item) >= 0;
    },
    reverse(inline) {
      const copy = inline === false ? this.slice() : this;
      for (let from = 0, to = copy.length - 1; from < to; from++, to--) {
        [copy[from], copy[to]] = [copy[to], copy[from]];
      }
      return copy;
    },
    find(matches) {
      for (let index = 0; index < this.length; index++)
        if (matches(this[index], index)) return this[index];
    },
    detect(matches) {
      return this.find(matches);
    },
    collect(make, context) {
      const made = [];
      for (let index = 0; index < this.length; index++)
        made.push(make.call(context, this[index], index));
      return made;
    },
    map(make, context) {
      return this.collect(make ?? ((item) => item), context);
    },
    filter(matches, context) {
      const kept = [];
      for (let index = 0; index < this.length; index++) {
        if (matches.call(context, this[index], index)) kept.push(this[index]);
      }
      return kept;
    },
    inject(start, join) {
      let made = start;
      this.each((item, index) => (made = join(made, item, index)));
      return made;
    },
    size() {
      return this.length;
    },
    inspect() {
      return "[]";
    },
  });
  extend(FrameString.prototype, {
    toJSON() {
      return `"${this}"`;
    },
    strip() {
      return this.replace(/^\s+|\s+$/g, "");
    },
    toArray() {
      return this.split("");
    },
    include(text) {
      return this.indexOf(text) >= 0;
    },
    times(count) {
      return count < 1 ? "" : new FrameArray(count + 1).join(this);
    },
    parseQuery() {
      return {};
    },
  });
  extend(realm.Number.prototype, {
    toJSON: () => undefined,
    succ() {
      return this + 1;
    },
  });
  extend(FrameFunction.prototype, {
    bind(context, ...first) {
      return (...rest) => this.apply(context, [...first, ...rest]);
    },
    curry(...first) {
      return (...rest) => this(...first, ...rest);
    },
    delay(seconds, ...args) {
      return realm.setTimeout(() => this(...args), seconds * 1000);
    },
    wrap(wrapper) {
      const wrapped = (...args) => this(...args);
      return function (...args) {
        return wrapper.call(this, wrapped, ...args);
      };
    },
  });
  extend(FrameObject, {
    extend: (to, from) => (extend(to, from), to),
    keys(object) {
      const keys = [];
      for (const key in object)
        if (FrameObject.prototype.hasOwnProperty.call(object, key)) keys.push(key);
      return keys;
    },
    values(object) {
      return FrameObject.keys(object).map((key) => object[key]);
    },
    toJSON: (value) => realm.JSON.stringify(value),
    isArray: (value) => FrameArray.isArray(value),
  });
  FrameArray.from = (items) =>
    items == null
      ? []
      : "toArray" in FrameObject(items)
        ? items.toArray()
        : FrameArray.prototype.slice.call(items);
  realm.$A = FrameArray.from;
  realm.Element.prototype.remove = function () {
    this.parentNode?.removeChild(this);
    return this;
  };
  realm.Element.prototype.append = undefined;
}

/** A copy of a response, in the ways in which tools hand one on. */
const copied = (realm, response, body) =>
  new realm.Response(body, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });

/**
 * Wrappers of `fetch`: each gets the function that was there, and gives the one that a tool puts in
 * its place.
 */
export const WRAPPERS = {
  "an error tracker: passes everything on, watches the promise": (fetch) =>
    function (...args) {
      const made = fetch.apply(this, args);
      made.then(
        () => undefined,
        () => undefined,
      );
      return made;
    },
  "a tracer: a Request in place of the URL, with a header more": (fetch, realm) =>
    function (url, init) {
      const request = new realm.Request(url, init);
      request.headers.set("traceparent", "00-1-1-01");
      return fetch.call(this, request);
    },
  "a tracer: the headers as a Headers object": (fetch, realm) =>
    function (url, init) {
      const headers = new realm.Headers(init?.headers);
      headers.set("sentry-trace", "1-1-1");
      return fetch.call(this, url, { ...init, headers });
    },
  "a session recorder: gives a clone and reads the original": (fetch) =>
    async function (...args) {
      const response = await fetch.apply(this, args);
      const clone = response.clone();
      await response.text();
      return clone;
    },
  "a session recorder: reads a clone, later": (fetch, realm) =>
    async function (...args) {
      const response = await fetch.apply(this, args);
      const clone = response.clone();
      realm.setTimeout(() => clone.text().catch(() => undefined), 5);
      return response;
    },
  "real user monitoring: a proxy of the response with bound methods": (fetch) =>
    async function (...args) {
      const response = await fetch.apply(this, args);
      return new Proxy(response, {
        get: (target, key) => {
          const value = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  "real user monitoring: a new response with the text": (fetch, realm) =>
    async function (...args) {
      const response = await fetch.apply(this, args);
      return copied(realm, response, await response.text());
    },
  "an offline library: a plain object with status, headers and text": (fetch) =>
    async function (...args) {
      const response = await fetch.apply(this, args);
      const body = await response.text();
      return {
        ok: response.ok,
        status: response.status,
        headers: new Map(),
        url: response.url,
        text: async () => body,
        json: async () => JSON.parse(body),
      };
    },
  "a queue: starts the request later": (fetch, realm) =>
    function (...args) {
      return new realm.Promise((resolve) => realm.setTimeout(resolve, 10)).then(() =>
        fetch.apply(this, args),
      );
    },
  "a retry library: asks again after a failure": (fetch) =>
    async function (...args) {
      try {
        return await fetch.apply(this, args);
      } catch {
        return fetch.apply(this, args);
      }
    },
  "a polyfill: a thenable that is no promise": (fetch) =>
    function (...args) {
      const made = fetch.apply(this, args);
      return {
        then: (...handlers) => made.then(...handlers),
        catch: (handler) => made.catch(handler),
      };
    },
  "an arrow function that ignores its receiver": (fetch, realm) => (url, init) =>
    fetch.call(realm, url, init),
  "a proxy of the function": (fetch) =>
    new Proxy(fetch, { apply: (target, self, args) => Reflect.apply(target, self, args) }),
  "two wrappers, one around the other": (fetch, realm) => {
    const inner = WRAPPERS["a session recorder: gives a clone and reads the original"](
      fetch,
      realm,
    );
    return WRAPPERS["a tracer: the headers as a Headers object"](inner, realm);
  },
};
