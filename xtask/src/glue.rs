//! What wasm-bindgen's output loses before it ships.
//!
//! *The loader*: the `web` target brings one that can fetch, stream and load synchronously; ours (`pkg-template/src/core.ts`) has the binary already, so
//! the glue exports the two functions that a loader needs instead, and the bundler drops the rest.
//!
//! *The names*: some 70 names of imports and exports stand in the binary and again in the glue, with hashes that no compressor can shorten: together
//! about 2 KB after brotli. Both sides get short ones. An export that the glue never mentions goes, and with it what only it needed.
//!
//! *The words of panics*, and the code that only puts them together: a panic is a trap. And what this package never does: more names than one for the
//! global object, vectors that shrink, closures of kinds that nobody makes. Each looks first whether the binary is as expected, and stops the build else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use walrus::ir::{Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, DataKind, ElementItems, ExportItem, FunctionBuilder, FunctionId, FunctionKind,
    ImportKind, LocalFunction, Module,
};

/// How the glue ends, and ours.
const LOADER: (&str, &str) = (
    "export { initSync, __wbg_init as default };",
    "export { __wbg_get_imports, __wbg_finalize_init };",
);

/// Where the declarations of the loader begin, and ours. Before it stands what Rust exports.
const LOADER_TYPES: (&str, &str) = (
    "export type InitInput =",
    "export function __wbg_get_imports(): WebAssembly.Imports;\n\
     export function __wbg_finalize_init(instance: WebAssembly.Instance): unknown;\n",
);

/// The glue without its loader.
///
/// # Errors
/// When the glue does not look as expected.
pub fn without_loader(js: &str) -> Result<String> {
    let (theirs, ours) = LOADER;
    let (before, after) = js.rsplit_once(theirs).with_context(|| unexpected(theirs))?;
    Ok(format!("{before}{ours}{after}"))
}

/// What of the glue this package never needs: from here, up to there, and what stands there instead.
const SPARE: [(&str, &str, &str); 17] = [
    // An instance is made anew by the facade, never by the glue on its own: `__wbg_finalize_init` once more.
    ("function __wbg_call_guard() {", "\n}\n", ""),
    ("export function __wbg_reset_state () {", "wasm.__wbindgen_start();\n            }\n", ""),
    // What the one before held of the page's is let go.
    (
        "wasmInstance = instance;",
        "wasm = instance.exports;",
        "__wbg_instance_id++;\nheap_next = (heap = [...Array(1024), undefined, null, true, false]).length;\nwasm = instance.exports;",
    ),
    ("let heap = new Array(1024)", "let heap_next = heap.length;", "let heap, heap_next;"),
    // Rust drops its closures itself, or keeps them for as long as the instance lives.
    ("const CLOSURE_DTORS = ", "\n                    });\n", ""),
    // Every engine that knows ES2022 knows this.
    (
        "if (!('encodeInto' in cachedTextEncoder)) {",
        "            };\n                        }\n",
        "",
    ),
    // The memory of a new instance is another, too.
    (
        "let cachedDataViewMemory0 = null;",
        "return cachedDataViewMemory0;",
        "function getDataViewMemory0() {\nreturn new DataView(wasm.memory.buffer);",
    ),
    (
        "if (cachedUint8ArrayMemory0 === null ||",
        "{",
        "if (cachedUint8ArrayMemory0?.buffer !== wasm.memory.buffer) {",
    ),
    // Texts are few and short; an empty one, with which most calls come, is spared the way.
    (
        "if (realloc === undefined) {",
        "WASM_VECTOR_LEN = offset;",
        "const bytes = arg && cachedTextEncoder.encode(arg);\n\
         const ptr = wasm.__wbindgen_malloc(WASM_VECTOR_LEN = bytes.length, 1);\n\
         getUint8ArrayMemory0().set(bytes, ptr);",
    ),
    // No page decodes the two gigabytes after which Safari needs another decoder.
    ("numBytesDecoded += bytes.length;", "\n                            }\n", ""),
    (
        "function handleError(f, args) {",
        "return f.apply(this, args);",
        "const handleError = (f) => (...args) => {\ntry {\nreturn f(...args);",
    ),
    // What a promise calls, the one closure with a result, never fails.
    ("if (ret[1]) {", "\n}\n", ""),
    // A slot of the array that is free holds the number of the next one.
    (
        "if (heap_next === heap.length) heap.push",
        "const idx = heap_next;",
        "const idx = heap_next;",
    ),
    ("heap_next = heap[idx];", "\n", "heap_next = heap[idx] ?? idx + 1;\n"),
    ("dropObject(idx);", "\n", "if (idx > 1027) {\nheap[idx] = heap_next;\nheap_next = idx;\n}\n"),
    ("return decodeText(", "getUint8", "return cachedTextDecoder.decode(getUint8"),
    // Decodes nothing.
    (
        "cachedTextDecoder.decode();\n                        const",
        "MAX_SAFARI",
        "const MAX_SAFARI",
    ),
];

/// What goes wherever it stands, likewise.
const SPARE_EVERYWHERE: [(&str, &str); 26] = [
    // Addresses and numbers of calls stay far below 2^31.
    (" >>> 0", ""),
    ("__wbg_call_guard();\n", ""),
    ("wasmModule = module;\n", ""),
    ("cachedDataViewMemory0 = null;\ncachedUint8ArrayMemory0 = null;\n", ""),
    ("CLOSURE_DTORS.register(real, state, state);", ""),
    ("CLOSURE_DTORS.unregister(state);", ""),
    (", wasm.__wbindgen_malloc, wasm.__wbindgen_realloc)", ")"),
    // What is given are numbers.
    ("= +", "= "),
    ("let ret;\n", ""),
    ("\nret = ", "\nconst ret = "),
    // What a closure keeps, without an object around it.
    (
        "const state = { a: arg0, b: arg1, cnt: 1, instance: __wbg_instance_id };",
        "let cnt = 1;\nconst instance = __wbg_instance_id;",
    ),
    ("state.a", "arg0"),
    ("state.b", "arg1"),
    ("state.cnt", "cnt"),
    ("state.instance", "instance"),
    ("function getObject(idx) { return heap[idx]; }\n", ""),
    ("getObject(arg0)", "heap[arg0]"),
    ("getObject(arg1)", "heap[arg1]"),
    ("getObject(arg2)", "heap[arg2]"),
    ("getObject(arg3)", "heap[arg3]"),
    ("getObject(arg13)", "heap[arg13]"),
    ("getObject(idx)", "heap[idx]"),
    // A listener of an instance that has trapped: what it was for, the next instance does.
    ("throw new Error('Cannot invoke closure from previous WASM instance');", "return;"),
    // Nothing of the page's stands in the way of an import: each is there.
    ("__proto__: null,", ""),
    (": function() { return handleError(function (", ": handleError(function ("),
    ("}, arguments); },", "}),"),
];

/// The glue without what this package never needs.
///
/// # Errors
/// When the glue does not look as expected.
pub fn lean(js: &str) -> Result<String> {
    let mut js = js.to_owned();
    for (text, new) in SPARE_EVERYWHERE {
        if !js.contains(text) {
            bail!(unexpected(text));
        }
        js = js.replace(text, new);
    }
    for (from, to, new) in SPARE {
        let (before, rest) = js.split_once(from).with_context(|| unexpected(from))?;
        let (_, after) = rest.split_once(to).with_context(|| unexpected(to))?;
        if after.contains(from) {
            bail!("{} twice", unexpected(from));
        }
        js = format!("{before}{new}{after}");
    }
    Ok(js)
}

/// The glue without what it gives and the binary does not import any more.
pub fn without_unused(js: &str, imports: &[String]) -> String {
    let mut used = true;
    let mut kept = String::with_capacity(js.len());
    for line in js.split_inclusive('\n') {
        if let Some((name, _)) =
            line.trim_start().split_once(": ").filter(|(name, _)| name.starts_with("__wb"))
        {
            used = imports.iter().any(|import| import == name);
        }
        if used {
            kept.push_str(line);
        }
        used |= matches!(line, "},\n" | "}),\n");
    }
    kept
}

/// The declarations without those of the loader.
///
/// # Errors
/// When they do not look as expected.
pub fn without_loader_types(ts: &str) -> Result<String> {
    let (theirs, ours) = LOADER_TYPES;
    let (before, _) = ts.split_once(theirs).with_context(|| unexpected(theirs))?;
    Ok(format!("{before}{ours}"))
}

/// What the standard library calls when something panics: the one handler, which every binary has exactly once.
const PANIC: &str = "rust_begin_unwind";

/// By which it would tell a hook what kind of value it was given.
const TYPE_ID: &str = "3Any7type_id";

/// What is called on the way there, to say what happened, or never; as far as a binary has it.
const BEFORE_PANIC: [&str; 19] = [
    // What wasm-bindgen and gloo-storage do in place of a panic: throw its words. For the facade an instance that throws is as broken as one that traps.
    "12wasm_bindgen9throw_str",
    "9panicking9panic_fmt",
    "18panic_access_error",
    "panic_already_",
    "7raw_vec12handle_error",
    "assert_failed",
    // What puts words together: nothing but a panic does, in this crate.
    "3fmt5write",
    "4core3fmtNt",
    "4core3fmt3num",
    "3fmt5Write",
    "13panic_handler",
    "AccessError",
    "3fmt7Display",
    // What a panic hook would be told.
    TYPE_ID,
    "12PanicPayload",
    "24default_alloc_error_hook",
    // What a `Box<dyn FnOnce>` is called by, of which there are none: whatever closure is passed on as `dyn` has one. See `LOST` in `build.rs`.
    "vtable.shim",
    // For suspending WebAssembly, which nothing here is exported to do.
    "6js_sys7futures4jspi",
    // How the names of the global object were looked at, before `one_global`.
    "6js_sys6global17get_global_object",
];

/// Through these JavaScript calls closures. The table holds one for each kind that js-sys knows, the exports those of the kinds that are made.
const INVOKE: &str = "12wasm_bindgen7convert8closures1_6invoke";

/// Makes a panic what it ends as anyway, a trap. What would put its message together goes with that: nobody could read it, since the package sets
/// no panic hook and a page has no standard error. The facade turns the trap into `INTERNAL_ERROR`. What nothing but the table holds goes as well.
///
/// # Errors
/// When the binary has no panic handler, or more than one.
pub fn silence_panics(module: &mut Module) -> Result<()> {
    let [panic] = named(module, PANIC)[..] else {
        bail!("the binary has no function called {PANIC}, or several: see xtask/src/glue.rs");
    };
    let mut traps = vec![panic];
    traps.extend(BEFORE_PANIC.iter().flat_map(|part| named(module, part)));
    let reached = reached(module);
    traps.extend(named(module, INVOKE).into_iter().filter(|id| !reached.contains(id)));
    // Where the table holds several of them one is enough: none returns.
    let elements: Vec<_> = module.elements.iter().map(walrus::Element::id).collect();
    for id in elements {
        if let ElementItems::Functions(functions) = &mut module.elements.get_mut(id).items {
            functions.iter_mut().filter(|id| traps.contains(id)).for_each(|id| *id = panic);
        }
    }
    let types = named(module, TYPE_ID)
        .into_iter()
        .flat_map(|id| loads(module.funcs.get(id).kind.unwrap_local()));
    let types: Vec<_> = types.collect();
    trap(module, traps);
    forget_words(module, &types)
}

/// Makes them trap, and drops what only they needed.
fn trap(module: &mut Module, ids: Vec<FunctionId>) {
    for id in ids {
        let (params, results) = module.types.params_results(module.funcs.get(id).ty());
        let (params, results) = (params.to_vec(), results.to_vec());
        let args = params.iter().map(|&param| module.locals.add(param)).collect();
        let mut trap = FunctionBuilder::new(&mut module.types, &params, &results);
        trap.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(trap.local_func(args));
    }
    walrus::passes::gc::run(module);
}

/// Overwrites with zeros, which weigh nothing after compression, what panics would say: where in which source file, and the eight bytes at each of `types`.
fn forget_words(module: &mut Module, types: &[u32]) -> Result<()> {
    let (mut paths, mut words) = (Vec::new(), Vec::new());
    let segments: Vec<_> = module.data.iter().map(walrus::Data::id).collect();
    for &id in &segments {
        let data = module.data.get_mut(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } = data.kind else {
            bail!("the binary has data without a fixed address, see xtask/src/glue.rs");
        };
        let named = blank_paths(&mut data.value);
        paths.extend(named.into_iter().map(|(at, length)| (start.cast_unsigned() + at, length)));
        words.extend(blank_words(&mut data.value));
        for at in types.iter().filter_map(|at| at.checked_sub(start.cast_unsigned())) {
            data.value.iter_mut().skip(at as usize).take(8).for_each(|byte| *byte = 0);
        }
    }
    let places: usize = segments
        .into_iter()
        .map(|id| blank_places(&mut module.data.get_mut(id).value, &paths))
        .sum();
    let missing = LAST_WORDS.iter().find(|wanted| !words.contains(wanted));
    if places == 0 || missing.is_some() {
        let missing =
            String::from_utf8_lossy(missing.copied().unwrap_or(b"a place in a source file"));
        bail!(
            "the binary does not hold \"{missing}\": panics say otherwise now what happened, see xtask/src/glue.rs"
        );
    }
    Ok(())
}

/// Drops what gives back the memory that a vector has to spare. wasm-bindgen calls it for each text that it takes from JavaScript, and none has any; that
/// nobody else does is looked at here. To be called when what panics need is gone.
///
/// # Errors
/// When it is called otherwise.
pub fn never_shrink(module: &mut Module) -> Result<()> {
    const CALLS: [&str; 3] = [
        "RawVecInner$LT$A$GT$6shrink17h",
        "16into_boxed_slice17h",
        "12wasm_bindgen7convert6slices",
    ];
    let [shrink, boxed, slices] = CALLS.map(|part| named(module, part));
    for (called, by) in [(&shrink, &boxed), (&boxed, &slices)] {
        let mut others = module.funcs.iter_local().filter(|(id, _)| !by.contains(id));
        if called.is_empty()
            || others.any(|(_, function)| calls(function).iter().any(|id| called.contains(id)))
        {
            bail!("the binary does not shrink vectors as expected, see xtask/src/glue.rs");
        }
    }
    trap(module, shrink);
    Ok(())
}

/// The functions that exports call, directly or through others.
fn reached(module: &Module) -> BTreeSet<FunctionId> {
    let mut reached = BTreeSet::new();
    let exported = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(id) => Some(id),
        _ => None,
    });
    let mut waiting: Vec<_> = exported.collect();
    while let Some(id) = waiting.pop() {
        if reached.insert(id)
            && let FunctionKind::Local(function) = &module.funcs.get(id).kind
        {
            waiting.extend(calls(function));
        }
    }
    reached
}

/// The functions that it calls itself.
fn calls(function: &LocalFunction) -> Vec<FunctionId> {
    struct Calls(Vec<FunctionId>);
    impl<'a> Visitor<'a> for Calls {
        fn visit_function_id(&mut self, id: &FunctionId) {
            self.0.push(*id);
        }
    }
    let mut calls = Calls(Vec::new());
    dfs_in_order(&mut calls, function, function.entry_block());
    calls.0
}

/// From where it loads what it loads from a fixed place.
fn loads(function: &LocalFunction) -> Vec<u32> {
    struct Loads(Vec<u32>);
    impl<'a> Visitor<'a> for Loads {
        fn visit_load(&mut self, load: &walrus::ir::Load) {
            self.0.extend(u32::try_from(load.arg.offset));
        }
    }
    let mut loads = Loads(Vec::new());
    dfs_in_order(&mut loads, function, function.entry_block());
    loads.0
}

/// The binary's own functions with that in their names.
fn named(module: &Module, part: &str) -> Vec<FunctionId> {
    let name = |id: FunctionId| module.funcs.get(id).name.as_deref().unwrap_or_default();
    module.funcs.iter_local().map(|(id, _)| id).filter(|&id| name(id).contains(part)).collect()
}

/// Has js-sys look for the global object under one name, `self`, in place of four: it is there wherever there is a `Window`, and for nothing else anybody
/// looks.
///
/// # Errors
/// When the binary does not look for it as expected.
pub fn one_global(module: &mut Module) -> Result<()> {
    const SEARCH: &str = "6js_sys6global17get_global_object17h";
    const SELF: &str = "__wbg_static_accessor_SELF_";
    let [search] = named(module, SEARCH)[..] else { bail!(unexpected(SEARCH)) };
    let import = module
        .imports
        .iter()
        .find(|import| import.name.starts_with(SELF))
        .with_context(|| unexpected(SELF))?;
    let ImportKind::Function(found) = import.kind else { bail!(unexpected(SELF)) };
    let ty = module.funcs.get(found).ty();
    if ty != module.funcs.get(search).ty() {
        bail!(unexpected(SEARCH));
    }
    let (params, results) = module.types.params_results(ty);
    let (params, results) = (params.to_vec(), results.to_vec());
    let mut body = FunctionBuilder::new(&mut module.types, &params, &results);
    body.func_body().call(found);
    let function = module.funcs.get_mut(search);
    function.kind = FunctionKind::Local(body.local_func(Vec::new()));
    function.name = Some("self".to_owned());
    Ok(())
}

/// How the names of source files begin that a panic would say.
const SOURCES: [&[u8]; 3] = [b"/rustc/", b"crates/", b"src/"];

/// What a panic would say in the standard library, js-sys, wasm-bindgen and gloo-storage.
const LAST_WORDS: [&[u8]; 20] = [
    b"cannot access a Thread Local Storage value during or after destruction: ",
    b"AccessError",
    b"removal index (is ",
    b") should be < len (is ",
    b"Tried to shrink to a larger capacity",
    b"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899",
    b"FnOnce called more than once",
    b"LazyCell instance has previously been poisoned",
    b"RefCell already borrowed",
    b"RefCell already mutably borrowed",
    b"capacity overflow",
    b"finish: callbacks should be Some",
    b"finish: result should be None",
    b"internal error: entered unreachable code",
    b"closure invoked recursively or after being dropped",
    b"no local storage",
    b"failed to get local_storage",
    b"no session storage",
    b"failed to get session_storage",
    b"no window",
];

/// Overwrites what panics would say with zeros, and says which of it was there.
fn blank_words(data: &mut [u8]) -> Vec<&'static [u8]> {
    let mut found = Vec::new();
    for words in LAST_WORDS {
        while let Some(at) = data.windows(words.len()).position(|window| window == words) {
            data.iter_mut().skip(at).take(words.len()).for_each(|byte| *byte = 0);
            found.push(words);
        }
    }
    found
}

/// Overwrites the names of source files with zeros, and says where they stood and how long they were.
fn blank_paths(data: &mut [u8]) -> Vec<(u32, u32)> {
    let mut blanked = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let rest = data.get_mut(at..).unwrap_or_default();
        let name = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"/.-_".contains(byte))
            .count();
        let name = rest.get(..name).unwrap_or_default();
        let end = name.windows(3).position(|end| end == b".rs").map(|end| end + 3);
        match end.filter(|_| SOURCES.iter().any(|start| name.starts_with(start))) {
            Some(end) => {
                rest.iter_mut().take(end).for_each(|byte| *byte = 0);
                blanked.push((at as u32, end as u32));
                at += end;
            }
            None => at += 1,
        }
    }
    blanked
}

/// Overwrites the places that a panic would give (the address and the length of a file's name, line and column) with zeros, and says how many there were.
fn blank_places(data: &mut [u8], paths: &[(u32, u32)]) -> usize {
    let names: Vec<_> = paths
        .iter()
        .map(|(at, length)| [at.to_le_bytes(), length.to_le_bytes()].concat())
        .collect();
    let mut blanked = 0;
    for at in 0..data.len() {
        if let Some(place) = data.get_mut(at..at + 16)
            && names.iter().any(|name| place.starts_with(name))
        {
            place.fill(0);
            blanked += 1;
        }
    }
    blanked
}

fn unexpected(text: &str) -> String {
    format!(
        "wasm-bindgen's output holds no `{text}`: this version writes it otherwise, see xtask/src/glue.rs"
    )
}

/// New names for the two sides: old to new.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Of imported functions.
    pub imports: BTreeMap<String, String>,
    /// Of exports that the glue mentions; the others can go.
    pub exports: BTreeMap<String, String>,
}

/// The glue with short names, and which names they replace in the binary.
///
/// # Errors
/// When the glue does not name each import exactly once, or reaches exports in a way that is not understood here.
pub fn shorten(js: &str, imports: &[String], exports: &[String]) -> Result<(String, Names)> {
    for way in ["wasm[", "wasm?.", "exports.", "exports[", "exports }"] {
        if js.contains(way) {
            bail!(
                "wasm-bindgen's glue reaches exports by `{way}`: this version writes it otherwise, see xtask/src/glue.rs"
            );
        }
    }
    let mut names = Names::default();
    names.imports.extend(imports.iter().cloned().zip(short()));
    let mut free = short();
    let mut text = String::with_capacity(js.len());
    let mut seen = BTreeMap::<&str, usize>::new();
    let mut rest = js;
    while let Some(start) = rest.find(is_word) {
        let (between, from_word) = rest.split_at(start);
        let (word, after) =
            from_word.split_at(from_word.find(|c| !is_word(c)).unwrap_or(from_word.len()));
        text.push_str(between);
        if text.ends_with("wasm.") && exports.iter().any(|export| export == word) {
            let new = match names.exports.get(word) {
                Some(new) => new.clone(),
                None => free.next().context("no names left")?,
            };
            text.push_str(&new);
            names.exports.insert(word.to_owned(), new);
        } else if let Some(new) = names.imports.get(word).filter(|_| after.starts_with(':')) {
            text.push_str(new);
            *seen.entry(word).or_default() += 1;
        } else {
            text.push_str(word);
        }
        rest = after;
    }
    text.push_str(rest);
    for import in imports {
        let times = seen.get(import.as_str()).copied().unwrap_or_default();
        if times != 1 {
            bail!(
                "wasm-bindgen's glue gives the import {import} {times} times, see xtask/src/glue.rs"
            );
        }
    }
    Ok((text, names))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// `a` … `Z`, `aa`, `ab` …
fn short() -> impl Iterator<Item = String> {
    let letters = || ('a'..='z').chain('A'..='Z');
    let two =
        letters().flat_map(move |first| letters().map(move |second| format!("{first}{second}")));
    letters().map(String::from).chain(two)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with one exported function per name, each of one instruction that is no trap.
    fn module(names: &[&str]) -> Module {
        let mut module = Module::default();
        for name in names {
            let mut function =
                FunctionBuilder::new(&mut module.types, &[walrus::ValType::I32], &[]);
            function.name((*name).to_owned()).func_body().i32_const(1).drop();
            let param = module.locals.add(walrus::ValType::I32);
            let id = function.finish(vec![param], &mut module.funcs);
            module.exports.add(name, id);
        }
        module
    }

    fn traps(module: &Module, name: &str) -> bool {
        let function =
            module.funcs.iter().find(|function| function.name.as_deref() == Some(name)).unwrap();
        let local = function.kind.unwrap_local();
        matches!(
            local.block(local.entry_block()).instrs.as_slice(),
            [(walrus::ir::Instr::Unreachable(_), _)]
        )
    }

    #[test]
    fn a_panic_becomes_a_trap_and_nothing_else_does() {
        let (panics, other) = (
            [
                "_R7___rustc17rust_begin_unwind",
                "_RNv4core9panicking9panic_fmt",
                "_RNv4core4cell22panic_already_borrowed",
            ],
            "other",
        );
        let mut module = module(&[panics.as_slice(), &[other]].concat());
        says_where(&mut module);
        assert!(panics.iter().all(|name| !traps(&module, name)));
        silence_panics(&mut module).unwrap();
        assert!(panics.iter().all(|name| traps(&module, name)) && !traps(&module, other));
    }

    /// Gives it what a panic would say, at address 1000: its words, a file's name, and a line and a column there.
    fn says_where(module: &mut Module) {
        let memory = module.memories.add_local(false, false, 1, None, None);
        let words = [b"src/lib.rs".as_slice(), &LAST_WORDS.concat()].concat();
        for (at, value) in
            [(1000, words), (9000, [1000_u32, 10, 7, 9].map(u32::to_le_bytes).concat())]
        {
            module
                .data
                .add(DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(at)) }, value);
        }
    }

    #[test]
    fn a_closure_that_nobody_makes_gives_way_to_a_trap_in_the_table_and_one_that_is_exported_stays()
    {
        let names = [
            "rust_begin_unwind",
            "_ZN12wasm_bindgen7convert8closures1_6invoke1",
            "_ZN12wasm_bindgen7convert8closures1_6invoke2",
        ];
        let mut module = module(&names);
        says_where(&mut module);
        let [panic, made, unmade] = names.map(|name| module.funcs.by_name(name).unwrap());
        let table = module.tables.add_local(false, 2, None, walrus::RefType::FUNCREF);
        let kind = walrus::ElementKind::Active { table, offset: ConstExpr::Value(Value::I32(0)) };
        let element = module.elements.add(kind, ElementItems::Functions(vec![made, unmade]));
        module.tables.get_mut(table).elem_segments.insert(element);
        module.exports.add("table", table);
        // What is exported calls it, as the glue's own shims do.
        let mut shim = FunctionBuilder::new(&mut module.types, &[], &[]);
        shim.func_body().i32_const(0).call(made);
        let shim = shim.finish(Vec::new(), &mut module.funcs);
        module.exports.add("shim", shim);
        for name in &names[1..] {
            module.exports.remove(name).unwrap();
        }
        silence_panics(&mut module).unwrap();
        assert!(!traps(&module, names[1]), "the one that is made");
        assert!(module.funcs.by_name(names[2]).is_none(), "the other");
        let element = module.elements.iter().next().unwrap();
        assert!(
            matches!(&element.items, ElementItems::Functions(functions) if *functions == [made, panic])
        );
    }

    #[test]
    fn what_kinds_of_values_there_are_is_forgotten_and_nothing_beside_it() {
        let mut module = module(&["rust_begin_unwind"]);
        says_where(&mut module);
        let memory = module.memories.iter().next().unwrap().id();
        let place = DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(9100)) };
        let data = module.data.add(place, vec![1; 24]);
        let mut function = FunctionBuilder::new(&mut module.types, &[], &[]);
        let arg = walrus::ir::MemArg { align: 4, offset: 9108 };
        let kind = walrus::ir::LoadKind::I64 { atomic: false };
        function
            .name("_3core3any3Any7type_id".to_owned())
            .func_body()
            .i32_const(0)
            .load(memory, kind, arg)
            .drop();
        let id = function.finish(Vec::new(), &mut module.funcs);
        module.exports.add("type_id", id);
        silence_panics(&mut module).unwrap();
        assert_eq!(module.data.get(data).value, [[1; 8], [0; 8], [1; 8]].concat());
    }

    #[test]
    fn the_names_of_source_files_are_forgotten_and_nothing_else() {
        let mut data =
            b"keep/src/a.rs\0/rustc/0f/library/core/src/cell.rscrates/js-sys-0.3/src/x.rskeep.rs"
                .to_vec();
        assert_eq!(blank_paths(&mut data), [(5, 8), (14, 34), (48, 26)]);
        let text: String =
            data.iter().map(|&byte| if byte == 0 { '.' } else { char::from(byte) }).collect();
        assert!(
            text.starts_with("keep/.") && text.ends_with(".keep.rs") && !text.contains("rustc"),
            "{text}"
        );
    }

    #[test]
    fn the_places_in_source_files_are_forgotten_and_nothing_else() {
        let words = |words: &[u32]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        let mut data = words(&[1, 1000, 10, 7, 9, 1000, 11, 7, 9, 1000, 10, 1]);
        assert_eq!(blank_places(&mut data, &[(1000, 10)]), 1);
        assert_eq!(data, words(&[1, 0, 0, 0, 0, 1000, 11, 7, 9, 1000, 10, 1]));
    }

    #[test]
    fn a_binary_whose_panics_are_called_otherwise_stops_the_build() {
        for names in [&["other"] as &[&str], &["a rust_begin_unwind", "b rust_begin_unwind"]] {
            assert!(
                silence_panics(&mut module(names)).unwrap_err().to_string().contains("glue.rs")
            );
        }
    }

    const GLUE: &str = "export function login(name) {\n    const ret = wasm.login(name, wasm.__wbindgen_malloc);\n    return ret;\n}\n\
        const import0 = {\n        __wbg_now_46: function() { return Date.now(); },\n        __wbg_set_1: function(a) { wasm.login(a); },\n};\n\
        wasm = instance.exports;\nexport { initSync, __wbg_init as default };\n";

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn both_sides_of_the_binary_get_short_names_and_the_public_ones_stay() {
        let imports = names(&["__wbg_now_46", "__wbg_set_1"]);
        let exports = names(&["login", "__wbindgen_malloc", "__never_called"]);
        let (js, names) = shorten(GLUE, &imports, &exports).expect("shortened");
        assert!(js.contains("export function login(name)"));
        assert!(js.contains("wasm.a(name, wasm.b)") && js.contains("wasm.a(a)"));
        assert!(
            js.contains("        a: function() { return Date.now(); }")
                && js.contains("        b: function(a)")
        );
        let exports: Vec<_> =
            names.exports.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
        assert_eq!(exports, [("__wbindgen_malloc", "b"), ("login", "a")]);
    }

    #[test]
    fn an_import_that_the_glue_does_not_give_is_an_error() {
        let error = shorten(GLUE, &names(&["__wbg_now_46", "__wbg_other"]), &[])
            .expect_err("missing")
            .to_string();
        assert!(error.contains("__wbg_other 0 times"), "{error}");
    }

    #[test]
    fn another_way_to_the_exports_is_an_error() {
        assert!(shorten("wasm[\"login\"]()", &[], &[]).is_err());
    }

    #[test]
    fn the_loader_goes_and_what_rust_exports_stays() {
        let js = without_loader(GLUE).expect("found");
        assert!(
            js.contains("export function login")
                && js.contains("__wbg_finalize_init")
                && !js.contains("initSync")
        );
        let ts = without_loader_types(
            "export function login(): void;\n\nexport type InitInput = X;\nexport default y;\n",
        )
        .expect("found");
        assert!(
            ts.contains("login") && ts.contains("__wbg_get_imports") && !ts.contains("default")
        );
        assert!(without_loader("").is_err());
    }

    #[test]
    fn what_is_never_needed_goes_and_must_be_there() {
        let everywhere: String =
            SPARE_EVERYWHERE.iter().map(|(text, _)| format!("{text}kept;{text}")).collect();
        let glue: String =
            SPARE.iter().map(|(from, to, _)| format!("kept;{from} gone {to}")).collect();
        let glue = format!("{everywhere}{glue}");
        let js = lean(&format!("{glue}kept;")).expect("found");
        assert!(
            js.matches("kept;").count() == SPARE_EVERYWHERE.len() + SPARE.len() + 1
                && !js.contains("gone"),
            "{js}"
        );
        assert!(SPARE_EVERYWHERE.iter().all(|(text, _)| !js.contains(text)), "{js}");
        assert!(lean("").unwrap_err().to_string().contains("glue.rs"));
        assert!(lean(&format!("{glue}{glue}")).is_err(), "which of the two?");
    }

    #[test]
    fn what_is_given_and_not_imported_goes_and_the_rest_stays() {
        let js = "const import0 = {\n        __wbg_a_1: function() {\nreturn { a: 1 };\n},\n__wbg_throw_2: function(arg0) {\nthrow new Error(arg0);\n},\n\
            __wbg_b_3: handleError(function () {\n}),\n__wbg_c_4: handleError(function () {\ntry {\n} catch (_) {\n}\n}),\n};\nrest: 1,\n";
        let kept = without_unused(js, &names(&["__wbg_a_1", "__wbg_c_4"]));
        assert_eq!(
            kept,
            "const import0 = {\n        __wbg_a_1: function() {\nreturn { a: 1 };\n},\n\
            __wbg_c_4: handleError(function () {\ntry {\n} catch (_) {\n}\n}),\n};\nrest: 1,\n"
        );
        assert_eq!(
            without_unused(js, &names(&["__wbg_a_1", "__wbg_throw_2", "__wbg_b_3", "__wbg_c_4"])),
            js
        );
    }

    /// A module with one exported function per name, of which each but the first calls the one before it.
    fn chain(names: &[&str]) -> Module {
        let mut module = Module::default();
        let mut before = None;
        for name in names {
            let mut function = FunctionBuilder::new(&mut module.types, &[], &[]);
            let mut body = function.name((*name).to_owned()).func_body();
            if let Some(before) = before {
                body.call(before);
            }
            body.i32_const(1).drop();
            let id = function.finish(Vec::new(), &mut module.funcs);
            module.exports.add(name, id);
            before = Some(id);
        }
        module
    }

    #[test]
    fn only_wasm_bindgens_texts_are_never_shrunk() {
        let [shrink, boxed, slices] = [
            "_RawVecInner$LT$A$GT$6shrink17h0E",
            "_16into_boxed_slice17h0E",
            "_12wasm_bindgen7convert6slices_from_abi",
        ];
        let mut module = chain(&[shrink, boxed, slices, "other"]);
        never_shrink(&mut module).unwrap();
        assert!(
            traps(&module, shrink)
                && [boxed, slices, "other"].iter().all(|name| !traps(&module, name))
        );
        for others in [&[shrink, boxed, "other"] as &[&str], &[shrink, "other"], &[boxed, slices]] {
            assert!(
                never_shrink(&mut chain(others)).unwrap_err().to_string().contains("glue.rs"),
                "{others:?}"
            );
        }
    }

    #[test]
    fn the_global_object_is_looked_for_under_one_name() {
        let search = "_ZN6js_sys6global17get_global_object17h00E";
        let mut module = Module::default();
        let ty = module.types.add(&[], &[walrus::ValType::I32]);
        let [first, _] = ["__wbg_static_accessor_SELF_1", "__wbg_static_accessor_WINDOW_2"]
            .map(|name| module.add_import_func("_", name, ty).0);
        let mut function = FunctionBuilder::new(&mut module.types, &[], &[walrus::ValType::I32]);
        function.name(search.to_owned()).func_body().i32_const(1);
        let id = function.finish(Vec::new(), &mut module.funcs);
        one_global(&mut module).unwrap();
        let function = module.funcs.get(id).kind.unwrap_local();
        let body = function.block(function.entry_block()).instrs.as_slice();
        assert!(matches!(body, [(walrus::ir::Instr::Call(call), _)] if call.func == first));
        for without in [Module::default(), self::module(&[search])] {
            assert!(one_global(&mut { without }).unwrap_err().to_string().contains("glue.rs"));
        }
    }

    #[test]
    fn short_names_never_repeat() {
        let all: Vec<String> = short().collect();
        let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(all.len(), 52 + 52 * 52);
        assert_eq!(distinct.len(), all.len());
    }
}
