//! `cargo xtask build`: the npm package in `pkg/`.
//!
//! cargo → wasm-bindgen → wasm-opt → the binary as text → esbuild, terser and tsc → manifest → checks. What lies between stays in the target folder; what the
//! TypeScript needs to see of it is written to `pkg-template/src/generated/`. A step is skipped when what goes in and what came out are
//! the same as last time.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::Message;
use serde_json::Value;

use crate::step::{heading, step};
use crate::workspace::{PACKAGE, Workspace, write};
use crate::{addresses, boundary, codes, encode, glue, notices, npm, process, tools};

/// What wasm-bindgen calls its files: the crate's name.
const STEM: &str = "cometchat_auth";

/// Smallest after brotli of the combinations tried; the features are those that rustc's output uses and every supported browser has.
/// (`--all-features` makes files that browsers refuse.)
const WASM_OPT: [&str; 15] = [
    "-Oz",
    "--one-caller-inline-max-function-size=80",
    // No pointer of Rust's wraps around the end of memory to its first kilobyte.
    "--low-memory-unused",
    "--converge",
    "--reorder-globals",
    "--reorder-locals",
    "--reorder-functions",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
];

/// Options of `cargo xtask build`.
#[derive(clap::Args, Default)]
pub struct Options {
    /// Faster to build, larger and slower to run: no optimisation, readable JavaScript
    #[arg(long)]
    pub dev: bool,
}

/// Writes `pkg/`.
///
/// # Errors
/// Whatever is missing or does not compile; and a package that holds what it must not.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let template = workspace.path("pkg-template");
    heading("build");
    codes::write(workspace)?;
    let sysroot = tools::wasm_target(workspace)?;
    npm::ci(&template)?;

    uses_nothing_lost(workspace)?;
    let compiled = compile(workspace, options, &sysroot)?;
    let mode = if options.dev { "dev" } else { "release" };
    let scratch = workspace.scratch().join(mode);
    fs::create_dir_all(&scratch)?;
    let generated = template.join("src/generated");
    let this = this_program();

    let made = ["js", "d.ts"].map(|extension| generated.join(format!("{STEM}.{extension}")));
    let made = [
        made.as_slice(),
        &[generated.join("wasm.js"), generated.join("wasm.d.ts"), optimised(workspace, mode)],
    ]
    .concat();
    let inputs = fingerprint(std::slice::from_ref(&compiled), &[mode, &this])?;
    cached(&scratch.join("wasm.stamp"), &inputs, &made, || {
        let bound =
            step("wasm-bindgen", || bind(workspace, &compiled, &scratch, &generated, options))?;
        let wasm = optimised(workspace, mode);
        if options.dev {
            fs::copy(bound, &wasm)?;
        } else {
            step("wasm-opt", || optimise(&template, &bound, &wasm, &[]))?;
        }
        let bytes = encode::without_alignment(&fs::read(&wasm)?)?;
        fs::write(&wasm, &bytes)?;
        no_local_paths(workspace, &bytes, &sysroot)?;
        write(&generated.join("wasm.js"), encode::module(&bytes)?)?;
        write(&generated.join("wasm.d.ts"), encode::DECLARATIONS)
    })?;

    write(&generated.join("rows.ts"), codes::rows()?)?;
    write(&generated.join("addresses.ts"), addresses::module())?;
    write(&generated.join("boundary.ts"), boundary::module())?;
    let shipped = workspace.pkg();
    let mut sources = files(&template.join("src"))?;
    for file in ["package.json", "package-lock.json", "tsconfig.json", "README.md"] {
        sources.insert(template.join(file));
    }
    for licence in LICENCES {
        sources.insert(workspace.path(licence));
    }
    let mut sources: Vec<PathBuf> = sources.into_iter().collect();
    // The WebAssembly ships too, and Cargo.lock says whose notices go with it.
    sources.push(optimised(workspace, mode));
    sources.push(workspace.path("Cargo.lock"));
    let inputs = fingerprint(&sources, &[mode, &this, &workspace.version()?])?;
    let outputs: Vec<PathBuf> =
        if shipped.is_dir() { files(&shipped)?.into_iter().collect() } else { Vec::new() };
    let changed =
        cached_with(&workspace.scratch().join("package.stamp"), &inputs, outputs, || {
            let stage = scratch.join("stage");
            empty(&stage)?;
            step("esbuild: the entries", || bundle(&template, &stage, options))?;
            step("tsc: declarations", || declare(&template, &scratch.join("types"), &stage))?;
            for (from, to) in [(template.join("README.md"), "README.md")]
                .into_iter()
                .chain(LICENCES.map(|licence| (workspace.path(licence), licence)))
            {
                fs::copy(&from, stage.join(to))
                    .with_context(|| format!("copying {}", from.display()))?;
            }
            fs::copy(optimised(workspace, mode), stage.join(format!("{STEM}.wasm")))?;
            write(&stage.join("THIRD-PARTY.md"), notices::third_party(workspace)?)?;
            manifest(workspace, &template, &stage)?;
            step("checks, npm pack --dry-run", || {
                check(&stage, &fs::read(optimised(workspace, mode))?)
            })?;
            mirror(&stage, &shipped)?;
            Ok(files(&shipped)?.into_iter().collect())
        })?;
    eprintln!("{}  pkg/ {}", " ".repeat(10), if changed { "written" } else { "is up to date" });
    Ok(())
}

/// Runs wasm-opt.
fn optimise(template: &Path, from: &Path, to: &Path, more: &[&str]) -> Result<()> {
    let mut wasm_opt = npm::program(template, "binaryen/bin/wasm-opt");
    process::quiet(wasm_opt.args(WASM_OPT).args(more).arg(from).arg("-o").arg(to)).map(drop)
}

/// The shipped WebAssembly once more, its functions with their names; the same code. `run` first.
///
/// # Errors
/// When it was not built.
pub fn with_names(workspace: &Workspace) -> Result<Vec<u8>> {
    let scratch = workspace.scratch().join("release");
    let named = scratch.join("named.wasm");
    optimise(&workspace.path("pkg-template"), &scratch.join("bound.wasm"), &named, &["-g"])?;
    fs::read(&named).with_context(|| format!("reading {}", named.display()))
}

/// Both licences, at the root of the repository and of the package.
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// The WebAssembly as it goes into `core.js`.
pub fn optimised(workspace: &Workspace, mode: &str) -> PathBuf {
    workspace.scratch().join(mode).join(format!("{STEM}.wasm"))
}

/// Compiles the Rust; cargo shows its own progress. Returns the file it made.
fn compile(workspace: &Workspace, options: &Options, sysroot: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", PACKAGE, "--lib", "--target", tools::WASM]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    if !options.dev {
        cargo.arg("--release");
    }
    cargo.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", rust_flags(workspace, sysroot)?);
    let messages = process::output(&mut cargo)?;
    let file = Message::parse_stream(messages.as_bytes())
        .filter_map(|message| match message {
            Ok(Message::CompilerArtifact(artifact)) => Some(artifact.filenames),
            _ => None,
        })
        .flatten()
        .filter(|file| file.extension() == Some("wasm") && file.file_stem() == Some(STEM))
        .last();
    file.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf).ok_or_else(|| {
        anyhow!("cargo made no {STEM}.wasm; is `cdylib` still among the crate types in Cargo.toml?")
    })
}

/// The caller's own flags, and: no path of this machine in the binary. That keeps the builder's name private, the file reproducible on another
/// machine, and is smaller.
fn rust_flags(workspace: &Workspace, sysroot: &str) -> Result<OsString> {
    let mut flags: Vec<String> =
        match (std::env::var("CARGO_ENCODED_RUSTFLAGS"), std::env::var("RUSTFLAGS")) {
            (Ok(flags), _) if !flags.is_empty() => flags.split('\x1f').map(str::to_owned).collect(),
            (_, Ok(flags)) => flags.split_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
    // Of several that match rustc takes the last.
    let home = std::env::home_dir().filter(|home| home.parent().is_some());
    let places = [
        (home, "~"),
        (Some(PathBuf::from(sysroot).join("lib/rustlib/src/rust")), "rust"),
        (Some(cargo_home()?.join("registry/src")), "crates"),
        (Some(workspace.root.clone()), "."),
    ];
    flags.extend(places.into_iter().filter_map(|(place, name)| {
        Some(format!("--remap-path-prefix={}={name}", place?.display()))
    }));
    // What LLVM inlines costs; at any other threshold it was larger (`cargo xtask size`).
    flags.push("-Cllvm-args=--inline-threshold=10".to_owned());
    // Nothing recurses, and the deepest chain of calls needs a few kilobytes. With little stack, and behind the data, addresses are small numbers:
    // shorter code, and 192 KB of memory in place of 1.1 MB.
    flags.extend([
        "-Clink-arg=-zstack-size=65536".to_owned(),
        "-Clink-arg=--no-stack-first".to_owned(),
    ]);
    // Values of JavaScript's are kept in an array of the glue's: a table of the WebAssembly's own would need code on both sides. The standard library was
    // compiled with all features, so the linker is told which of them count: by what it writes wasm-bindgen goes.
    flags.extend([
        "-Ctarget-feature=-reference-types".to_owned(),
        "-Clink-arg=--no-check-features".to_owned(),
        "-Clink-arg=--features=bulk-memory,multivalue,mutable-globals,nontrapping-fptoint,sign-ext"
            .to_owned(),
    ]);
    Ok(flags.join("\x1f").into())
}

/// What the library may not use, since the release has lost what it takes (`xtask/src/glue.rs`), and what to do.
const LOST: [(&str, &str); 5] = [
    ("dyn FnOnce", "would trap when it is called: take a `dyn FnMut`"),
    ("format!(", "would write no digits: take a form of `protocol::text`"),
    ("write!(", "would write no digits: take a form of `protocol::text`"),
    (".to_string()", "would write no digits: take a form of `protocol::text`"),
    ("impl Display", "would trap when it is called: give a text"),
];

/// Fails where the library uses what is [`LOST`].
fn uses_nothing_lost(workspace: &Workspace) -> Result<()> {
    for file in files(&workspace.path("src"))? {
        if let Some((what, why)) = lost_in(&fs::read_to_string(&file)?) {
            bail!("{} holds `{what}`, which {why}", file.display());
        }
    }
    Ok(())
}

/// What a source file uses that is [`LOST`], its tests aside.
fn lost_in(source: &str) -> Option<&'static (&'static str, &'static str)> {
    let shipped = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    LOST.iter().find(|(what, _)| shipped.contains(what))
}

fn cargo_home() -> Result<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Ok(home.into()),
        None => Ok(std::env::home_dir().context("no home folder; set CARGO_HOME")?.join(".cargo")),
    }
}

/// Fails when the binary names a folder of this machine.
fn no_local_paths(workspace: &Workspace, wasm: &[u8], sysroot: &str) -> Result<()> {
    let places = [
        std::env::home_dir(),
        Some(cargo_home()?),
        Some(sysroot.into()),
        Some(workspace.root.clone()),
    ];
    for place in places.into_iter().flatten().filter(|place| place.parent().is_some()) {
        let place = format!("{}/", place.display());
        if wasm.windows(place.len()).any(|window| window == place.as_bytes()) {
            bail!(
                "the WebAssembly holds the path {place}: a --remap-path-prefix is missing in xtask/src/commands/build.rs"
            );
        }
    }
    Ok(())
}

/// Makes the glue with wasm-bindgen, used as a library: its version is Cargo.lock's, nothing is installed. Returns the file wasm-opt is to read.
fn bind(
    workspace: &Workspace,
    compiled: &Path,
    scratch: &Path,
    generated: &Path,
    options: &Options,
) -> Result<PathBuf> {
    let (library, tool) =
        (workspace.locked("wasm-bindgen")?, workspace.locked("wasm-bindgen-cli-support")?);
    if library != tool {
        bail!(
            "wasm-bindgen is {library} but wasm-bindgen-cli-support is {tool}: set the latter to ={library} in xtask/Cargo.toml"
        );
    }
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name(STEM)
        .web(true)?
        .typescript(true)
        // The binary comes from the loader: without this the glue would look for it next to itself with `import.meta.url`.
        .omit_default_module_path(true)
        // Counts instances; a new one is made after a trap: see `Load` in pkg-template/src/instance.ts.
        .reset_state_function(true)
        // By the names as rustc writes them panics are found.
        .demangle(false)
        .keep_debug(options.dev)
        .remove_producers_section(true);
    let mut output = bindgen.generate_output()?;
    if output.snippets().values().any(|inline| !inline.is_empty())
        || !output.local_modules().is_empty()
        || !output.npm_dependencies().is_empty()
    {
        bail!(
            "a dependency brings JavaScript of its own; the package cannot hold that yet (xtask/src/commands/build.rs)"
        );
    }
    let mut js = glue::lean(&glue::without_loader(output.js())?)?;
    let ts = glue::without_loader_types(output.ts().context("wasm-bindgen made no declarations")?)?;
    let module = output.wasm_mut();
    if !options.dev {
        glue::one_global(module)?;
        glue::silence_panics(module)?;
        glue::never_shrink(module)?;
        let imports: Vec<String> =
            module.imports.iter().map(|import| import.name.clone()).collect();
        js = glue::without_unused(&js, &imports);
        let exports: Vec<String> =
            module.exports.iter().map(|export| export.name.clone()).collect();
        let (shortened, names) = glue::shorten(&js, &imports, &exports)?;
        // The name of the one module that all imports come from stands with each of them.
        let place = format!("./{STEM}_bg.js");
        js = shortened.replacen(&format!("{place:?}: import0"), "_: import0", 1);
        for import in module.imports.iter_mut() {
            if import.module != place || !js.contains("_: import0") {
                bail!("an import comes from {}, see xtask/src/glue.rs", import.module);
            }
            import.module = "_".to_owned();
            import.name =
                names.imports.get(&import.name).cloned().context("an import without a name")?;
        }
        let mut unused = Vec::new();
        for export in module.exports.iter_mut() {
            match names.exports.get(&export.name) {
                Some(name) => export.name = name.clone(),
                None => unused.push(export.id()),
            }
        }
        for export in unused {
            module.exports.delete(export);
        }
    }
    let bound = scratch.join("bound.wasm");
    write(&bound, module.emit_wasm())?;
    fs::create_dir_all(generated)?;
    write(&generated.join(format!("{STEM}.js")), js)?;
    write(&generated.join(format!("{STEM}.d.ts")), ts)?;
    Ok(bound)
}

/// One of the package's JavaScript files.
struct Script {
    /// Its source is `src/{source}.ts`.
    source: &'static str,
    file: &'static str,
    /// What it imports instead of holding it, so that whoever loads several of the files has each module, class and state once.
    imports: &'static [&'static str],
    /// Whether it is the facade's: an app's developer may step into it, so it has a source map.
    facade: bool,
}

const SCRIPTS: [Script; 8] = [
    Script { source: "facade", file: "facade.js", imports: &[], facade: true },
    Script { source: "core", file: "core.js", imports: &[], facade: false },
    Script {
        source: "index",
        file: "index.js",
        imports: &["./facade.js", "./core.js"],
        facade: true,
    },
    Script {
        source: "lazy",
        file: "lazy.js",
        imports: &["./facade.js", "./core.js"],
        facade: true,
    },
    Script {
        source: "wasm-url",
        file: "wasm-url.js",
        imports: &["./facade.js", "./core.js", "./stream.js"],
        facade: true,
    },
    Script { source: "stream", file: "stream.js", imports: &[], facade: false },
    Script { source: "react", file: "react.js", imports: &["./facade.js", "react"], facade: true },
    Script { source: "global", file: GLOBAL, imports: &[], facade: false },
];

/// For a plain `<script>`: everything in one file.
const GLOBAL: &str = "cometchat-auth.global.js";

/// Bundles the facade, the loaders with the glue, and all of it for a plain `<script>`.
fn bundle(template: &Path, stage: &Path, options: &Options) -> Result<()> {
    for Script { source, file, imports, facade } in SCRIPTS {
        let mut esbuild = npm::program(template, "esbuild/bin/esbuild");
        esbuild
            .arg(format!("src/{source}.ts"))
            .arg(format!("--outfile={}", stage.join(file).display()));
        // ASCII only: a classic script built from this has whatever charset the page decides.
        esbuild.args([
            "--bundle",
            "--target=es2022",
            "--charset=ascii",
            "--legal-comments=none",
            "--log-level=warning",
        ]);
        if file == GLOBAL {
            esbuild.args(["--format=iife", "--global-name=CometChatAuth"]);
        } else {
            esbuild.arg("--format=esm");
        }
        if !options.dev {
            esbuild.arg("--minify-syntax");
        }
        if facade {
            esbuild.arg("--sourcemap");
        }
        esbuild.args(imports.iter().map(|import| format!("--external:{import}")));
        process::quiet(&mut esbuild)?;
        if !options.dev {
            minify(template, stage, file, facade)?;
        }
        if facade {
            without_the_way(&stage.join(format!("{file}.map")))?;
        }
    }
    Ok(())
}

/// Makes a bundle short. After esbuild's own minifier the default entry would weigh 1 % more after brotli.
fn minify(template: &Path, stage: &Path, file: &str, mapped: bool) -> Result<()> {
    let mut terser = npm::program(template, "terser/bin/terser");
    terser.current_dir(stage).args([file, "--output", file, "--ecma", "2022"]);
    // What is called with `new` is a class here. "use client" is a directive that terser does not know. Each by its weight after brotli: what is folded
    // once only stays more alike.
    let folded = if mapped { "passes=1,unsafe_methods" } else { "passes=3" };
    terser.args([
        "--compress",
        &format!("{folded},unsafe_arrows,keep_fargs=false,directives=false"),
        "--mangle",
    ]);
    if mapped {
        terser.arg(format!("reserved=[{}]", exported(&fs::read_to_string(stage.join(file))?)));
    }
    terser.args(["--format", "ascii_only,comments=false"]);
    if file != GLOBAL {
        terser.arg("--module");
    }
    if mapped {
        terser.args([
            "--source-map",
            &format!("content='{file}.map',url='{file}.map',includeSources"),
        ]);
    }
    process::quiet(&mut terser).map(drop)
}

/// The names that a bundle of esbuild's exports. Where they are kept a class is called in developer tools what it is called in the documentation, and the
/// facade is half a percent smaller than with a second, short name for each.
fn exported(bundle: &str) -> String {
    let list = bundle
        .rsplit_once("\nexport {")
        .and_then(|(_, list)| list.split_once('}'))
        .unwrap_or_default()
        .0;
    list.split_whitespace().collect()
}

/// Names the sources in a source map as they lie in the repository's folder for them: esbuild writes the way there from the target folder, which differs from machine to
/// machine and may lead through its user's home.
fn without_the_way(file: &Path) -> Result<()> {
    let mut map: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let sources = map
        .get_mut("sources")
        .and_then(Value::as_array_mut)
        .context("a source map without sources")?;
    for source in sources {
        let name = source
            .as_str()
            .and_then(|source| source.rsplit_once("/pkg-template/"))
            .map(|(_, name)| name.to_owned());
        *source = name.with_context(|| format!("{source} is not of pkg-template/"))?.into();
    }
    fs::write(file, map.to_string()).with_context(|| format!("writing {}", file.display()))
}

/// Type checks all of the TypeScript and stages the declarations that the entries reach.
fn declare(template: &Path, types: &Path, stage: &Path) -> Result<()> {
    empty(types)?;
    let mut tsc = npm::program(template, "typescript/bin/tsc");
    process::quiet(
        tsc.args([
            "-p",
            ".",
            "--noEmit",
            "false",
            "--declaration",
            "--emitDeclarationOnly",
            "--outDir",
        ])
        .arg(types),
    )?;
    let mut waiting: Vec<String> = ["facade", "react"].map(|entry| format!("{entry}.d.ts")).into();
    let mut taken = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if !taken.insert(name.clone()) {
            continue;
        }
        let text = fs::read_to_string(types.join(&name)).with_context(|| {
            format!("the public types reach {name}, which is not the facade's own")
        })?;
        waiting.extend(imports(&text).map(|import| format!("{import}.d.ts")));
        write(&stage.join(&name), text)?;
    }
    Ok(())
}

/// The modules next to it that a declaration file names, without their `.js`.
fn imports(declarations: &str) -> impl Iterator<Item = &str> {
    declarations.split(['"', '\'']).filter_map(|text| text.strip_prefix("./")?.strip_suffix(".js"))
}

/// Writes the package's package.json: what the template says, without what only its developers need, with what is known only now.
fn manifest(workspace: &Workspace, template: &Path, stage: &Path) -> Result<()> {
    let file = template.join("package.json");
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let mut manifest: serde_json::Map<String, Value> =
        serde_json::from_str(&text).with_context(|| format!("reading {}", file.display()))?;
    for private in ["private", "scripts", "devDependencies"] {
        manifest.shift_remove(private);
    }
    if manifest.contains_key("dependencies") {
        bail!(
            "{}: the package has no dependencies; what it needs at build time is a devDependency",
            file.display()
        );
    }
    manifest.insert("version".to_owned(), workspace.version()?.into());
    let names: Vec<String> = names(stage)?.into_iter().collect();
    manifest.insert("files".to_owned(), names.into());
    write(&stage.join("package.json"), format!("{:#}\n", Value::Object(manifest)))
}

/// The promises about the package's contents that a machine can hold.
fn check(stage: &Path, wasm: &[u8]) -> Result<()> {
    let core = fs::read_to_string(stage.join("core.js"))?;
    let encoded = encode::encode(wasm)?;
    for name in ["core.js", GLOBAL] {
        if !fs::read_to_string(stage.join(name))?.contains(&format!("\"{}\"", encoded.text)) {
            bail!(
                "{name} does not hold the WebAssembly as it was encoded: did a minifier rewrite the string?"
            );
        }
    }
    for Script { file: name, .. } in SCRIPTS {
        let text = fs::read_to_string(stage.join(name))?;
        if let Some(c) = text.chars().find(|c| !c.is_ascii()) {
            bail!("{name} holds {c:?}, which is not ASCII");
        }
        // The entries that are for it.
        let known = |never: &str| match name {
            "wasm-url.js" => ["import.meta", "import("].contains(&never),
            "lazy.js" => never == "import(",
            _ => false,
        };
        for never in ["</script", "<!--", "import.meta", "import(", "eval(", "new Function"] {
            if text.contains(never) && !known(never) {
                bail!("{name} holds `{never}`, which breaks it in some page or bundler");
            }
        }
    }
    if !fs::read_to_string(stage.join("lazy.js"))?.contains("import(\"./core.js\")") {
        bail!("lazy.js does not import core.js lazily: `import(\"./core.js\")` is not in it");
    }
    let url = format!("new URL(\"./{STEM}.wasm\",import.meta.url)");
    let streamed = fs::read_to_string(stage.join("wasm-url.js"))?;
    if !streamed.replace(", import", ",import").contains(&url) {
        bail!("wasm-url.js does not hold `{url}`, by which bundlers find the file");
    }
    if !fs::read_to_string(stage.join("react.js"))?.starts_with("\"use client\"") {
        bail!("react.js does not begin with \"use client\"");
    }
    loads(stage, &core, &encoded)?;
    let staged = names(stage)?;
    let packed = packed(&process::quiet(npm::npm(stage).args([
        "pack",
        "--dry-run",
        "--json",
        "--ignore-scripts",
    ]))?)?;
    if packed != staged {
        let difference: Vec<_> = packed.symmetric_difference(&staged).cloned().collect();
        bail!("`npm pack` and the build disagree about {}", difference.join(", "));
    }
    Ok(())
}

/// Loads the staged `core.js` in Node as a page would, makes a second instance, and expects a copy with one character changed to be refused with the loader's
/// own words: the reader in TypeScript is tested against the very text that ships.
fn loads(stage: &Path, core: &str, encoded: &encode::Encoded) -> Result<()> {
    const SCRIPT: &str = r#"
        const [good, bad] = process.argv.slice(1).map((file) => require("node:url").pathToFileURL(file).href);
        (async () => {
            const core = await import(good);
            await core.load(false);
            await core.load(true);
            const refusal = await (await import(bad)).load(false).then(() => "nothing", String);
            if (!refusal.includes("The WebAssembly arrived changed")) throw new Error(`a changed core.js is answered with ${refusal}`);
        })().catch((error) => { console.error(error); process.exit(1); });
    "#;
    let (kept, last) =
        encoded.text.split_at_checked(encoded.text.len() - 1).context("there is no WebAssembly")?;
    let changed = format!("{kept}{}", if last == "a" { "b" } else { "a" });
    let copy = stage.with_extension("changed.mjs");
    write(&copy, core.replace(&encoded.text, &changed))?;
    // As a module, whatever the package.json next to it will say.
    let original = stage.with_extension("original.mjs");
    write(&original, core)?;
    process::quiet(
        std::process::Command::new("node").args(["-e", SCRIPT, "--"]).args([original, copy]),
    )
    .map(|_| ())
}

/// The file names in what `npm pack --json` prints.
fn packed(json: &str) -> Result<BTreeSet<String>> {
    let report: Value = serde_json::from_str(json).context("reading what npm pack printed")?;
    let files = report
        .pointer("/0/files")
        .and_then(Value::as_array)
        .context("npm pack printed no list of files")?;
    Ok(files.iter().filter_map(|file| Some(file.get("path")?.as_str()?.to_owned())).collect())
}

/// Makes `to` hold what `from` holds and nothing else; a file that is the same is not touched, so that watchers stay quiet.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let names = names(from)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if names.contains(&*entry.file_name().to_string_lossy()) {
            continue;
        }
        let removed = if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        removed.with_context(|| format!("removing {}", entry.path().display()))?;
    }
    names.iter().try_for_each(|name| write(&to.join(name), fs::read(from.join(name))?))
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path())?);
        } else {
            found.insert(entry.path());
        }
    }
    Ok(found)
}

/// The names of the files in a flat folder.
pub fn names(folder: &Path) -> Result<BTreeSet<String>> {
    Ok(files(folder)?
        .iter()
        .filter_map(|file| Some(file.strip_prefix(folder).ok()?.to_string_lossy().into_owned()))
        .collect())
}

/// Runs `work` unless inputs and outputs are those of the last time it succeeded.
pub fn cached(
    stamp: &Path,
    inputs: &str,
    outputs: &[PathBuf],
    work: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    cached_with(stamp, inputs, outputs.to_vec(), || work().map(|()| outputs.to_vec()))
}

/// The same for work whose outputs are known only when it is done.
fn cached_with(
    stamp: &Path,
    inputs: &str,
    outputs: Vec<PathBuf>,
    work: impl FnOnce() -> Result<Vec<PathBuf>>,
) -> Result<bool> {
    let state = |outputs: &[PathBuf]| fingerprint(outputs, &[inputs]);
    if fs::read_to_string(stamp).is_ok_and(|last| state(&outputs).is_ok_and(|now| now == last)) {
        return Ok(false);
    }
    let outputs = work()?;
    fs::write(stamp, state(&outputs)?).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(true)
}

/// A short name for the names and contents of files and for some words.
pub fn fingerprint(files: &[PathBuf], words: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    for file in files {
        file.hash(&mut hasher);
        fs::read(file).with_context(|| format!("reading {}", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Another build of xtask may do the steps differently.
fn this_program() -> String {
    let described = std::env::current_exe()
        .and_then(fs::metadata)
        .and_then(|file| Ok((file.len(), file.modified()?)));
    format!("{described:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_followed_through_every_kind_of_import() {
        let text = "import type { A } from \"./a.js\";\nexport * from './b.js';\nexport declare const c: import(\"./c.js\").C;\nimport x from \"other\";\n";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn what_npm_would_pack_is_read_from_its_report() {
        let report = r#"[{"id":"x@1","files":[{"path":"index.js","size":1},{"path":"README.md","size":2}]}]"#;
        assert_eq!(
            packed(report).expect("read"),
            BTreeSet::from(["README.md".to_owned(), "index.js".to_owned()])
        );
        assert!(packed("[]").is_err());
    }

    #[test]
    fn the_names_that_a_bundle_exports_are_those_of_its_last_statement() {
        let bundle =
            "var export = 1;\nexport {\n  One,\n  two\n};\n//# sourceMappingURL=index.js.map\n";
        assert_eq!(exported(bundle), "One,two");
        assert_eq!(exported("var a = 1;\n"), "");
    }

    #[test]
    fn what_the_release_has_lost_is_found_in_what_ships_and_not_in_tests() {
        for (what, _) in &LOST {
            assert_eq!(lost_in(&format!("let x = {what};")).map(|(found, _)| found), Some(what));
            assert!(
                lost_in(&format!("let x = 1;\n\n#[cfg(test)]\nmod tests {{ {what} }}")).is_none(),
                "{what}"
            );
        }
    }

    #[test]
    fn a_step_runs_again_only_when_something_changed() {
        let folder = std::env::temp_dir().join(format!("xtask-cached-{}", std::process::id()));
        empty(&folder).expect("emptied");
        let (stamp, output) = (folder.join("stamp"), folder.join("output"));
        let run = |inputs: &str| {
            cached(&stamp, inputs, std::slice::from_ref(&output), || write(&output, "made"))
                .expect("ran")
        };
        assert!(run("one"));
        assert!(!run("one"));
        assert!(run("two"));
        fs::write(&output, "changed by hand").expect("written");
        assert!(run("two"));
        fs::remove_file(&output).expect("removed");
        assert!(run("two"));
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn the_package_folder_ends_up_with_exactly_what_was_staged() {
        let folder = std::env::temp_dir().join(format!("xtask-mirror-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        empty(&from).expect("emptied");
        empty(&to.join("stray")).expect("emptied");
        fs::write(from.join("index.js"), "new").expect("written");
        fs::write(to.join("index.js"), "old").expect("written");
        fs::write(to.join("left-over.js"), "").expect("written");
        mirror(&from, &to).expect("mirrored");
        assert_eq!(names(&to).expect("read"), BTreeSet::from(["index.js".to_owned()]));
        assert_eq!(fs::read(to.join("index.js")).expect("read"), b"new");
        assert!(!to.join("stray").exists());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
