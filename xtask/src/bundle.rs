//! The files of the npm package: JavaScript by esbuild and terser, declarations by tsc, the
//! manifest.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::files::{empty, names, read, write};
use crate::wasm::Profile;
use crate::workspace::VERSION;
use crate::{npm, process};

/// The JavaScript files, bundled from `src/{name}.ts`: the name, whether the file has a source map
/// because an app's developer may step into it, and the modules that it imports instead of
/// containing them, so that a page has each class once.
const SCRIPTS: [(&str, bool, &[&str]); 9] = [
    ("facade", true, &[]),
    ("core", false, &[]),
    ("index", true, &["./facade.js", "./core.js"]),
    ("lazy", true, &["./facade.js", "./core.js"]),
    ("wasm-url", true, &["./facade.js", "./core.js", "./stream.js"]),
    ("stream", false, &[]),
    ("edge", true, &["./facade.js"]),
    ("react", true, &["./facade.js", "react"]),
    ("global", false, &[]),
];

/// The file for a classic `<script>`.
const GLOBAL: &str = "cometchat-auth.global.js";

/// The smallest combination after brotli. `directives=false` keeps "use client".
const SMALLEST: &str = "passes=3,reduce_funcs=false,hoist_funs,unsafe_arrows,unsafe_methods,\
    keep_fargs=false,directives=false";

/// Bundles all JavaScript files into `stage`.
pub fn scripts(template: &Path, stage: &Path, profile: Profile) -> Result<()> {
    for (name, mapped, external) in SCRIPTS {
        let file = if name == "global" { GLOBAL.to_owned() } else { format!("{name}.js") };
        let mut esbuild = npm::program(template, "esbuild/bin/esbuild");
        esbuild.arg(format!("src/{name}.ts"));
        esbuild.arg(format!("--outfile={}", stage.join(&file).display()));
        esbuild.args(["--bundle", "--minify-syntax", "--target=es2022"]);
        // A page decides the charset of a classic script.
        esbuild.args(["--charset=ascii", "--legal-comments=none", "--log-level=warning"]);
        esbuild.arg(if file == GLOBAL { "--format=iife" } else { "--format=esm" });
        // See `imports` in pkg-template/package.json.
        esbuild.args((profile == Profile::Plain).then_some("--conditions=plain"));
        // Without source map terser renames everything anyway, and esbuild's helpers are shorter.
        esbuild.arg(if mapped { "--sourcemap" } else { "--minify-identifiers" });
        esbuild.args(external.iter().map(|module| format!("--external:{module}")));
        process::quiet(&mut esbuild)?;
        minify(template, stage, &file, mapped)?;
        if mapped {
            relativise_source_map(&stage.join(format!("{file}.map")))?;
        }
    }
    Ok(())
}

/// Minifies a bundle. With esbuild's own minifier the default entry is 1 % larger after brotli.
fn minify(template: &Path, stage: &Path, file: &str, mapped: bool) -> Result<()> {
    let mut terser = npm::program(template, "terser/bin/terser");
    terser.current_dir(stage).args([file, "--output", file, "--ecma", "2022"]);
    terser.args(["--compress", SMALLEST, "--mangle"]);
    if mapped {
        // A class has the same name in developer tools as in the documentation.
        terser.arg(format!("reserved=[{}]", exported(&read(&stage.join(file))?)));
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
    write(file, map.to_string())
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
            let text = read(&folder.join(&name)).with_context(|| {
                format!("the public types import {name}, which tsc did not write")
            })?;
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
pub fn manifest(template: &Path, stage: &Path) -> Result<()> {
    let mut manifest: Map<String, Value> =
        serde_json::from_str(&read(&template.join("package.json"))?)?;
    for private in ["private", "scripts", "devDependencies", "imports"] {
        manifest.shift_remove(private);
    }
    manifest.insert("version".to_owned(), VERSION.into());
    manifest.insert("files".to_owned(), names(stage)?.into_iter().collect());
    write(&stage.join("package.json"), format!("{:#}\n", Value::Object(manifest)))
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
