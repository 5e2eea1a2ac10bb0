//! The WebAssembly and its JavaScript glue: cargo → wasm-bindgen → short names → wasm-opt.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use walrus::Module;

use crate::files::{read, write};
use crate::workspace::{PACKAGE, Workspace};
use crate::{npm, process, tools};

/// The name of wasm-bindgen's files: the crate's name.
pub const STEM: &str = "cometchat_auth";

/// Exports that keep their names: the API that the facade calls, that of the reader, and the memory.
const KEPT: [&str; 5] = ["ask", "call", "decode", "memory", "start"];

/// What the facade's loader needs of the glue besides its public exports. Tree shaking drops
/// wasm-bindgen's own loader.
const LOADER_EXPORTS: &str = "export { __wbg_finalize_init, __wbg_get_imports };\n";

/// The types of `LOADER_EXPORTS`.
const LOADER_TYPES: &str = "export function __wbg_get_imports(): WebAssembly.Imports;
export function __wbg_finalize_init(it: WebAssembly.Instance, module: WebAssembly.Module): unknown;
";

/// The smallest combination after brotli, with the features that rustc's output uses.
const WASM_OPT: [&str; 15] = [
    "-Oz",
    "--one-caller-inline-max-function-size=80",
    // No Rust pointer wraps around from the end of memory into the first kilobyte.
    "--low-memory-unused",
    "--converge",
    "--reorder-globals",
    "--reorder-locals",
    "--reorder-functions",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// How to compile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As published: a standard library compiled from source, without panic messages.
    Shipped,
    /// With the toolchain's own standard library and wasm-bindgen's names.
    Plain,
}

/// Compiles the Rust; cargo shows its progress. Returns two files: the package's binary, and the
/// reader of its text (tools/wasm-text).
pub fn compile(
    workspace: &Workspace,
    profile: Profile,
    sysroot: &str,
    opt_level: Option<&str>,
) -> Result<[PathBuf; 2]> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--release", "--lib", "--target", tools::WASM]);
    cargo.args(["--package", PACKAGE, "--package", "wasm-text-reader"]);
    // Build scripts depend on RUSTC_BOOTSTRAP: in a common folder each change between builds would
    // run them again.
    let mut target = workspace.target.clone();
    if profile == Profile::Shipped {
        target = workspace.scratch().join("cargo");
        // `-Z` flags on a stable compiler. For this one call: they break `cargo metadata`.
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    }
    cargo.arg("--target-dir").arg(&target);
    cargo.envs(opt_level.map(|level| ("CARGO_PROFILE_RELEASE_OPT_LEVEL", level)));
    let flags = rust_flags(workspace, profile, sysroot)?;
    cargo.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags);
    process::run(&mut cargo)?;
    let folder = target.join(tools::WASM).join("release");
    Ok([STEM, "wasm_text_reader"].map(|name| folder.join(name).with_extension("wasm")))
}

/// The caller's flags and ours.
fn rust_flags(workspace: &Workspace, profile: Profile, sysroot: &str) -> Result<OsString> {
    let mut flags: Vec<String> =
        match (std::env::var("CARGO_ENCODED_RUSTFLAGS"), std::env::var("RUSTFLAGS")) {
            (Ok(flags), _) if !flags.is_empty() => flags.split('\x1f').map(str::to_owned).collect(),
            (_, Ok(flags)) => flags.split_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
    // Paths of this machine must not be in the binary: they are private, and differ on other
    // machines. If several prefixes match, rustc uses the last one.
    let home = std::env::home_dir().context("no home folder; set HOME")?;
    let cargo_home =
        std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let folders = [
        (home, "~"),
        (Path::new(sysroot).join("lib/rustlib/src/rust"), "rust"),
        (cargo_home.join("registry/src"), "crates"),
        (workspace.root.clone(), "."),
    ];
    // A home of `/` would match every path.
    for (folder, name) in folders.iter().filter(|(folder, _)| folder.parent().is_some()) {
        flags.push(format!("--remap-path-prefix={}={name}", folder.display()));
    }
    let mut add = |more: &[&str]| flags.extend(more.iter().map(|flag| (*flag).to_owned()));
    // Measured: other limits for inlining gave a larger binary. Loops are short: they stay loops.
    add(&["-Cllvm-args=--inline-threshold=10 --inline-max-stacksize=24 --unroll-threshold=0"]);
    // No function recurses, and a page test shows that 4 KB of stack are enough. With 32 KB the
    // memory takes 128 KB instead of 1.1 MB. Data in front of the stack have small addresses.
    add(&["-Clink-arg=-zstack-size=32768", "-Clink-arg=--no-stack-first"]);
    if profile == Profile::Shipped {
        // A panic is a trap without a message: a page has no standard error.
        add(&["-Zunstable-options", "-Cpanic=immediate-abort"]);
        add(&["-Zlocation-detail=none", "-Zfmt-debug=none"]);
        // JavaScript values are kept in an array of the glue. A table needs code on both sides.
        add(&["-Ctarget-feature=-reference-types"]);
    }
    Ok(flags.join("\x1f").into())
}

/// Runs wasm-bindgen and wasm-opt on the compiled binary. Writes the glue to `generated` and the
/// binary to `optimised`.
pub fn bind(
    workspace: &Workspace,
    profile: Profile,
    compiled: &Path,
    generated: &Path,
    optimised: &Path,
) -> Result<()> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name(STEM)
        .web(true)?
        .typescript(true)
        // The loader has the binary: the glue must not look for it with `import.meta.url`.
        .omit_default_module_path(true)
        // Counts instances, for callbacks of a trapped one: see pkg-template/src/instance.ts.
        .reset_state_function(true)
        .demangle(false)
        .remove_producers_section(true);
    let mut output = bindgen.generate_output()?;
    ensure!(
        output.snippets().values().all(Vec::is_empty)
            && output.local_modules().is_empty()
            && output.npm_dependencies().is_empty(),
        "a dependency brings JavaScript of its own, which the package cannot contain yet"
    );
    let types = output.ts().context("wasm-bindgen generated no declarations")?;
    write(&generated.join(format!("{STEM}.d.ts")), format!("{types}{LOADER_TYPES}"))?;
    let glue = optimised.with_extension("js");
    write(&glue, format!("{}\n{LOADER_EXPORTS}", output.js()))?;
    let template = workspace.path("pkg-template");
    let module = output.wasm_mut();
    let shipped = generated.join(format!("{STEM}.js"));
    match profile {
        Profile::Plain => fs::copy(&glue, &shipped).map(drop)?,
        Profile::Shipped => {
            let names = mangle(&template, &glue, &shipped, module)?;
            rename(module, &names)?;
        }
    }
    optimise(&template, profile, module, optimised)
}

/// The compiled reader without unused exports.
pub fn reader(workspace: &Workspace, compiled: &Path) -> Result<Vec<u8>> {
    let mut module = Module::from_file(compiled)?;
    rename(&mut module, &Names::new())?;
    let optimised = compiled.with_extension("optimised.wasm");
    optimise(&workspace.path("pkg-template"), Profile::Shipped, &mut module, &optimised)?;
    Ok(fs::read(optimised)?)
}

/// Runs wasm-opt.
fn optimise(template: &Path, profile: Profile, module: &mut Module, out: &Path) -> Result<()> {
    let bound = out.with_extension("bound.wasm");
    write(&bound, module.emit_wasm())?;
    let mut wasm_opt = npm::program(template, "binaryen/bin/wasm-opt");
    wasm_opt.args(WASM_OPT).args((profile == Profile::Plain).then_some("--enable-reference-types"));
    process::quiet(wasm_opt.arg(&bound).arg("-o").arg(out)).map(drop)
}

/// Old to new names.
type Names = BTreeMap<String, String>;

/// Writes the glue with short names for imports and exports, which are long and contain hashes:
/// 2 KB after brotli. Returns the names that esbuild chose.
fn mangle(template: &Path, glue: &Path, out: &Path, module: &Module) -> Result<Names> {
    let imports = module.imports.iter().flat_map(|import| [&import.module, &import.name]);
    let exports = module.exports.iter().map(|export| &export.name);
    let pattern: Vec<String> = imports
        .chain(exports)
        .filter(|name| !KEPT.contains(&name.as_str()))
        .map(|name| regex_lite::escape(name))
        .collect();
    let cache = out.with_extension("names.json");
    write(&cache, "{}")?;
    let mut esbuild = npm::program(template, "esbuild/bin/esbuild");
    esbuild.arg(glue).arg(format!("--outfile={}", out.display()));
    esbuild.args(["--target=es2022", "--log-level=warning"]);
    esbuild.arg(format!("--mangle-props=^({})$", pattern.join("|")));
    esbuild.arg("--mangle-quoted").arg(format!("--mangle-cache={}", cache.display()));
    process::quiet(&mut esbuild)?;
    Ok(serde_json::from_str(&read(&cache)?)?)
}

/// Gives the binary the glue's names. Exports that the glue does not mention are removed.
fn rename(module: &mut Module, names: &Names) -> Result<()> {
    for import in module.imports.iter_mut() {
        for name in [&mut import.module, &mut import.name] {
            let new = names.get(name).with_context(|| {
                format!("wasm-bindgen's glue has no `{name}`, which the binary imports")
            })?;
            name.clone_from(new);
        }
    }
    let mut unused = Vec::new();
    for export in module.exports.iter_mut().filter(|export| !KEPT.contains(&export.name.as_str())) {
        match names.get(&export.name) {
            Some(new) => export.name.clone_from(new),
            None => unused.push(export.id()),
        }
    }
    unused.into_iter().for_each(|export| module.exports.delete(export));
    walrus::passes::gc::run(module);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_gets_the_names_of_the_glue_and_loses_unused_exports() {
        let mut module = Module::default();
        let ty = module.types.add(&[], &[]);
        let (import, _) = module.add_import_func("./glue.js", "__wbg_now", ty);
        for name in ["start", "__wbindgen_malloc", "__never_called"] {
            module.exports.add(name, import);
        }
        let names = [("./glue.js", "a"), ("__wbg_now", "b"), ("__wbindgen_malloc", "c")]
            .map(|(old, new)| (old.to_owned(), new.to_owned()));
        rename(&mut module, &names.into()).expect("renamed");
        let import = module.imports.iter().next().expect("kept");
        assert_eq!((import.module.as_str(), import.name.as_str()), ("a", "b"));
        let exports: Vec<_> = module.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(exports, ["start", "c"]);
        let error = rename(&mut module, &Names::new()).expect_err("an import without a name");
        assert!(error.to_string().contains("has no `a`"), "{error}");
    }
}
