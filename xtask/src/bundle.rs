//! The files of the npm package: JavaScript by esbuild and terser, declarations by tsc, the
//! manifest.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::files::{empty, names, read, write};
use crate::wasm::{Profile, STEM};
use crate::workspace::Workspace;
use crate::{npm, process};

/// A JavaScript file of the package, bundled from `src/{source}.ts`.
struct Script {
    source: &'static str,
    /// Modules that it imports instead of containing them, so that a page has each class once.
    external: &'static [&'static str],
    /// Whether it has a source map: an app's developer may step into it.
    mapped: bool,
    /// Syntax that its consumers understand although other bundlers or pages would not.
    allowed: &'static [&'static str],
}

type Names = &'static [&'static str];

const fn script(source: &'static str, mapped: bool, external: Names, allowed: Names) -> Script {
    Script { source, external, mapped, allowed }
}

const SCRIPTS: [Script; 9] = [
    script("facade", true, &[], &[]),
    script("core", false, &[], &[]),
    script("index", true, &["./facade.js", "./core.js"], &[]),
    script("lazy", true, &["./facade.js", "./core.js"], &["import("]),
    script(
        "wasm-url",
        true,
        &["./facade.js", "./core.js", "./stream.js"],
        &["import(", "import.meta"],
    ),
    script("stream", false, &[], &[]),
    script("edge", true, &["./facade.js"], &[]),
    script("react", true, &["./facade.js", "react"], &[]),
    script("global", false, &[], &[]),
];

impl Script {
    fn file(&self) -> String {
        if self.source == "global" { GLOBAL.to_owned() } else { format!("{}.js", self.source) }
    }
}

/// The file for a classic `<script>`.
const GLOBAL: &str = "cometchat-auth.global.js";

/// Syntax that breaks in some page, bundler or Content Security Policy.
const FORBIDDEN: [&str; 6] =
    ["</script", "<!--", "import.meta", "import(", "eval(", "new Function"];

/// Bundles all JavaScript files into `stage`.
pub fn scripts(template: &Path, stage: &Path, profile: Profile) -> Result<()> {
    for script in &SCRIPTS {
        let (Script { source, external, mapped, .. }, file) = (script, script.file());
        let mut esbuild = npm::program(template, "esbuild/bin/esbuild");
        esbuild.arg(format!("src/{source}.ts"));
        esbuild.arg(format!("--outfile={}", stage.join(&file).display()));
        esbuild.args(["--bundle", "--minify-syntax", "--target=es2022"]);
        // A page decides the charset of a classic script.
        esbuild.args(["--charset=ascii", "--legal-comments=none", "--log-level=warning"]);
        if file == GLOBAL {
            esbuild.arg("--format=iife");
        } else {
            esbuild.arg("--format=esm");
        }
        // See `imports` in pkg-template/package.json.
        esbuild.args((profile == Profile::Plain).then_some("--conditions=plain"));
        // Without source map terser renames everything anyway, and esbuild's helpers are shorter.
        esbuild.arg(if *mapped { "--sourcemap" } else { "--minify-identifiers" });
        esbuild.args(external.iter().map(|module| format!("--external:{module}")));
        process::quiet(&mut esbuild)?;
        minify(template, stage, script)?;
        if *mapped {
            relativise_source_map(&stage.join(format!("{file}.map")))?;
        }
    }
    Ok(())
}

/// Minifies a bundle. With esbuild's own minifier the default entry is 1 % larger after brotli.
fn minify(template: &Path, stage: &Path, script: &Script) -> Result<()> {
    let (mapped, file) = (script.mapped, script.file());
    let mut terser = npm::program(template, "terser/bin/terser");
    terser.current_dir(stage).args([&file, "--output", &file, "--ecma", "2022"]);
    // The smallest after brotli: one pass keeps the facade's code repetitive. terser does not know
    // the directive "use client".
    let smallest = if mapped { "passes=1,unsafe_methods" } else { "passes=3,reduce_funcs=false" };
    let options = format!("{smallest},unsafe_arrows,keep_fargs=false,directives=false");
    terser.args(["--compress", &options, "--mangle"]);
    if mapped {
        // A class has the same name in developer tools as in the documentation.
        terser.arg(format!("reserved=[{}]", exported(&read(&stage.join(&file))?)));
        let map = format!("content='{file}.map',url='{file}.map',includeSources");
        terser.args(["--source-map", &map]);
    }
    terser.args(["--format", "ascii_only,comments=false"]);
    terser.args((file != GLOBAL).then_some("--module"));
    process::quiet(&mut terser).map(drop)
}

/// The names in the final export statement of a bundle.
fn exported(bundle: &str) -> String {
    let list = bundle.rsplit_once("\nexport {").and_then(|(_, list)| list.split_once('}'));
    list.map(|(list, _)| list.split_whitespace().collect()).unwrap_or_default()
}

/// Makes the source paths of a source map relative to pkg-template/: esbuild writes them relative
/// to the target folder, which may lead through the user's home.
fn relativise_source_map(file: &Path) -> Result<()> {
    let mut map: Value = serde_json::from_str(&read(file)?)?;
    let sources = map.get_mut("sources").and_then(Value::as_array_mut);
    for source in sources.context("a source map without sources")? {
        let path = source.as_str().and_then(|source| source.rsplit_once("/pkg-template/"));
        let path = path.with_context(|| format!("{source} is not in pkg-template/"))?.1;
        *source = path.to_owned().into();
    }
    fs::write(file, map.to_string()).with_context(|| format!("writing {}", file.display()))
}

/// Type checks all of the TypeScript and stages the declarations that the entries reach.
pub fn declarations(template: &Path, types: &Path, stage: &Path) -> Result<()> {
    empty(types)?;
    let mut tsc = npm::program(template, "typescript/bin/tsc");
    tsc.args(["-p", ".", "--noEmit", "false", "--declaration", "--emitDeclarationOnly"]);
    process::quiet(tsc.arg("--outDir").arg(types))?;
    let folder = types.join("pkg-template/src");
    let mut waiting = vec!["facade.d.ts".to_owned(), "react.d.ts".to_owned()];
    let mut staged = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        if staged.insert(name.clone()) {
            let text = read(&folder.join(&name))
                .with_context(|| format!("the public types import {name}"))?;
            waiting.extend(imports(&text).map(|import| format!("{import}.d.ts")));
            write(&stage.join(&name), text)?;
        }
    }
    Ok(())
}

/// The neighbouring modules that a declaration file imports, without `.js`.
fn imports(declarations: &str) -> impl Iterator<Item = &str> {
    declarations.split(['"', '\'']).filter_map(|text| text.strip_prefix("./")?.strip_suffix(".js"))
}

/// Writes package.json: the template without its development fields, with version and file list.
pub fn manifest(workspace: &Workspace, template: &Path, stage: &Path) -> Result<()> {
    let mut manifest: Map<String, Value> =
        serde_json::from_str(&read(&template.join("package.json"))?)?;
    for private in ["private", "scripts", "devDependencies", "imports"] {
        manifest.shift_remove(private);
    }
    ensure!(
        !manifest.contains_key("dependencies"),
        "the package has no dependencies; what it needs at build time is a devDependency"
    );
    manifest.insert("version".to_owned(), workspace.version.clone().into());
    manifest.insert("files".to_owned(), names(stage)?.into_iter().collect());
    write(&stage.join("package.json"), format!("{:#}\n", Value::Object(manifest)))
}

/// Checks what the package promises about its files. `text` is the WebAssembly as core.js contains
/// it.
pub fn check(stage: &Path, text: &str, profile: Profile) -> Result<()> {
    for script in &SCRIPTS {
        let (allowed, file) = (script.allowed, script.file());
        let script = read(&stage.join(&file))?;
        ensure!(script.is_ascii(), "{file} contains characters that are not ASCII");
        let forbidden = FORBIDDEN.iter().find(|it| script.contains(**it) && !allowed.contains(it));
        if let Some(syntax) = forbidden {
            bail!("{file} contains `{syntax}`, which breaks it in some page or bundler");
        }
    }
    let quoted = format!("\"{text}\"");
    let url = format!("new URL(\"./{STEM}.wasm\",import.meta.url)");
    for (file, needle) in [
        ("core.js", quoted.as_str()),
        (GLOBAL, &quoted),
        ("lazy.js", "import(\"./core.js\")"),
        ("wasm-url.js", &url),
        ("react.js", "\"use client\""),
    ] {
        if !read(&stage.join(file))?.contains(needle) {
            let short: String = needle.chars().take(60).collect();
            bail!("{file} does not contain `{short}`, by which it is loaded");
        }
    }
    if profile == Profile::Shipped {
        load_in_node(stage, text)?;
    }
    Ok(())
}

/// Loads the staged core.js in Node: two instances, and a copy with one changed character, which
/// has to be refused.
fn load_in_node(stage: &Path, text: &str) -> Result<()> {
    let core = read(&stage.join("core.js"))?;
    let (kept, last) = text.split_at(text.len() - 1);
    let changed = format!("{kept}{}", if last == "a" { "b" } else { "a" });
    let [original, copy] = ["original.mjs", "changed.mjs"].map(|name| stage.with_extension(name));
    write(&copy, core.replace(text, &changed))?;
    write(&original, core)?;
    let script = include_str!("load-core.mjs");
    let mut node = Command::new("node");
    node.args(["--input-type=module", "-e", script, "--"]).args([original, copy]);
    process::quiet(&mut node).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_followed_through_every_kind_of_import() {
        let text = "import type { A } from \"./a.js\";\nexport * from './b.js';\n\
            export declare const c: import(\"./c.js\").C;\nimport x from \"other\";\n";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn the_exported_names_are_those_of_the_last_statement() {
        let bundle = "var export = 1;\nexport {\n  One,\n  two\n};\n//# sourceMappingURL=a.map\n";
        assert_eq!(exported(bundle), "One,two");
        assert_eq!(exported("var a = 1;\n"), "");
    }
}
