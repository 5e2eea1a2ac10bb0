import { TestEnvironment } from "jest-environment-jsdom";

/** jsdom with what browsers have besides, taken from Node. */
export default class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    Object.assign(this.global, {
      fetch,
      Headers,
      Request,
      Response,
      TextDecoder,
      TextEncoder,
      Uint8Array,
      ArrayBuffer,
    });
  }
}
