//! What holds for the workspace as a whole: where dependencies come from, and which the core has none of.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The crates that judge. They are handed bytes, times and random numbers, and fetch nothing.
const CORE: [&str; 14] = [
    "credentials",
    "query",
    "request",
    "disclosure",
    "verify",
    "status",
    "issue",
    "otp",
    "share",
    "sd-jwt",
    "x509",
    "json",
    "jose",
    "did",
];

/// Clients, servers, their transports and what runs them.
const NETWORK: [&str; 14] = [
    "tokio",
    "async-std",
    "smol",
    "mio",
    "hyper",
    "h2",
    "h3",
    "quinn",
    "axum",
    "actix-web",
    "reqwest",
    "ureq",
    "rustls",
    "native-tls",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A package of the lock file: its source, if it is not ours, and the names of its dependencies.
#[derive(Default)]
struct Package {
    source: Option<String>,
    dependencies: Vec<String>,
}

/// The packages of `Cargo.lock` by name; those of one name in several versions are taken together.
fn packages() -> BTreeMap<String, Package> {
    let text = fs::read_to_string(root().join("Cargo.lock")).expect("a lock file");
    let mut packages = BTreeMap::<String, Package>::new();
    for block in text.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim_matches(['=', ' ', '"']).to_owned())
        };
        let package = packages.entry(value("name").expect("a name")).or_default();
        package.source = value("source");
        let lines = block.lines().filter_map(|line| line.strip_prefix(" \""));
        let name = |line: &str| line.split([' ', '"']).next().unwrap_or_default().to_owned();
        package.dependencies.extend(lines.map(name));
    }
    packages
}

/// The names of our own packages.
fn members() -> BTreeSet<String> {
    let name = |path: PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("name = "))?;
        Some(line.trim_matches('"').to_owned())
    };
    files(&root(), "Cargo.toml").into_iter().filter_map(name).collect()
}

/// The names under `[dependencies]` in a crate's manifest, which the lock file does not tell from those
/// of its tests.
fn direct_dependencies(manifest: &str) -> Vec<String> {
    let part = manifest.split("\n[").find_map(|part| part.strip_prefix("dependencies]"));
    let name = |line: &str| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
    let lines = part.unwrap_or_default().lines();
    lines.filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic())).map(name).collect()
}

#[test]
fn pf04_no_git_dependencies() {
    let manifests = files(&root(), "Cargo.toml");
    assert!(manifests.len() > 20, "{} manifests", manifests.len());
    for path in manifests {
        let text = fs::read_to_string(&path).unwrap();
        let line = text.lines().find(|line| line.replace(' ', "").contains("git=\""));
        assert_eq!(line, None, "{}", path.display());
    }
}

#[test]
fn r09_every_dependency_comes_from_the_registry() {
    let (packages, ours) = (packages(), members());
    assert!(packages.len() > 100, "{} packages", packages.len());
    for (name, package) in packages {
        match package.source {
            Some(source) => assert_eq!(source, REGISTRY, "{name}"),
            None => assert!(ours.contains(&name), "{name} is nobody's"),
        }
    }
}

#[test]
fn n15_no_core_crate_has_a_network_stack() {
    let packages = packages();
    for name in CORE {
        let manifest = root().join("crates").join(name).join("Cargo.toml");
        let manifest = fs::read_to_string(&manifest).expect("a manifest");
        let mut todo = direct_dependencies(&manifest);
        assert!(!todo.is_empty(), "{name} has no dependency");
        let mut reached = BTreeSet::new();
        while let Some(next) = todo.pop() {
            // Ours are looked at by their own manifest, for the same reason.
            let ours = next.starts_with("staffpass-");
            if reached.insert(next.clone()) && !ours {
                todo.extend(packages.get(&next).into_iter().flat_map(|p| p.dependencies.clone()));
            }
        }
        let found: Vec<_> = NETWORK.iter().filter(|crate_| reached.contains(**crate_)).collect();
        assert!(found.is_empty(), "{name} reaches {found:?}");
    }
}

/// There may be browser tests one day: their packages are locked, and run nothing when installed.
#[test]
fn r11_no_package_of_npm_runs_a_script_when_installed() {
    for manifest in files(&root(), "package.json") {
        let folder = manifest.parent().unwrap();
        assert!(folder.join("package-lock.json").exists(), "{} is not locked", folder.display());
        let npmrc = fs::read_to_string(folder.join(".npmrc")).unwrap_or_default();
        let off = npmrc.lines().any(|line| line.replace(' ', "") == "ignore-scripts=true");
        assert!(off, "{} runs install scripts", folder.display());
    }
}

/// Files of this name in the tree, without what was built or installed.
fn files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let entry_name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            let skip = entry_name.starts_with('.') || entry_name == "target";
            if !skip && entry_name != "node_modules" && !path.is_symlink() {
                found.extend(files(&path, name));
            }
        } else if entry_name == name {
            found.push(path);
        }
    }
    found
}

/// The manifests of the crates that are published, with what is under `[package]`.
fn published() -> Vec<(PathBuf, String)> {
    let manifests = files(&root().join("crates"), "Cargo.toml").into_iter();
    let read = |path: PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    manifests.map(read).filter(|(_, text)| !text.contains("publish = false")).collect()
}

/// The strings of a list on one line of a manifest.
fn list(manifest: &str, key: &str) -> Vec<String> {
    let line = manifest.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ["));
    let names = line.unwrap_or_default().split('"').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// What crates.io refuses is found here before a release: it takes five keywords of twenty characters.
#[test]
fn what_is_published_says_what_it_is() {
    let published = published();
    assert!(published.len() >= 20, "{} crates", published.len());
    for (path, manifest) in published {
        let at = path.display();
        let keywords = list(&manifest, "keywords");
        assert!((1..=5).contains(&keywords.len()), "{at}: {keywords:?}");
        assert!(keywords.iter().all(|word| word.len() <= 20), "{at}: {keywords:?}");
        assert!((1..=5).contains(&list(&manifest, "categories").len()), "{at}: categories");
        for key in ["description = \"", "readme = \"README.md\"", "[package.metadata.docs.rs]"] {
            assert!(manifest.contains(key), "{at}: {key}");
        }
        for inherited in ["version", "edition", "rust-version", "license", "repository"] {
            assert!(
                manifest.contains(&format!("\n{inherited}.workspace = true")),
                "{at}: {inherited}"
            );
        }
    }
}

/// A package is the crate and its licences. Vectors that others made have licences of their own, and
/// stay in the repository.
#[test]
fn what_is_published_is_the_crate_and_its_licences() {
    for (path, manifest) in published() {
        let include = list(&manifest, "include");
        for part in ["/src/", "/README.md", "/LICENSE-*"] {
            assert!(include.iter().any(|found| found == part), "{}: {part}", path.display());
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let own = fs::read(path.with_file_name(licence)).unwrap();
            assert_eq!(own, fs::read(root().join(licence)).unwrap(), "{}", path.display());
        }
    }
}

/// The dependencies of a manifest that are not ours, those of its tests with them. A line of the root's
/// manifest that no member uses is no dependency.
fn dependencies_of_others(manifest: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut within = false;
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            within = table.trim_end_matches(']').ends_with("dependencies")
                && !table.starts_with("workspace.");
        } else if within && line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            found.insert(line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned());
        }
    }
    let ours = members();
    found.retain(|name| !ours.contains(name));
    found
}

/// A dependency is there for a reason, and the reason is written down.
#[test]
fn every_dependency_has_a_reason() {
    let manifests = files(&root(), "Cargo.toml").into_iter();
    let consumers = root().join("consumers");
    let manifests = manifests.filter(|path| !path.starts_with(&consumers));
    let used: BTreeSet<String> = manifests
        .flat_map(|path| dependencies_of_others(&fs::read_to_string(path).unwrap()))
        .collect();
    assert!(used.len() > 40, "{} dependencies", used.len());

    let text = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let tables = text.split("## Foreign types").next().unwrap();
    let rows = tables.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
    let mut listed = BTreeSet::new();
    for row in rows {
        let (name, rest) = row.split_once("` | ").expect("a name");
        let (reason, places) = rest.split_once(" | ").expect("a reason and a place");
        assert!(!reason.is_empty() && !places.is_empty(), "{name}");
        assert!(listed.insert(name.to_owned()), "{name} stands twice");
    }
    let missing: Vec<_> = used.difference(&listed).collect();
    assert!(missing.is_empty(), "without a reason in docs/dependencies.md: {missing:?}");
    let gone: Vec<_> = listed.difference(&used).collect();
    assert!(gone.is_empty(), "in docs/dependencies.md, and used by nobody: {gone:?}");
}

/// An advisory is passed over for a while, not for ever: the day on which it was looked at stands with it.
#[test]
fn every_exception_has_a_day_and_a_reason() {
    let text = fs::read_to_string(root().join("deny.toml")).unwrap();
    let exceptions: Vec<_> = text.lines().filter(|line| line.contains("RUSTSEC-20")).collect();
    let listed = exceptions.iter().filter(|line| line.contains("{ id = "));
    for line in listed.clone() {
        let reason = line.split("reason = \"").nth(1).expect("a reason");
        let (day, why) = reason.split_once(": ").expect("a day");
        assert!(day.len() == 10 && day.starts_with("20"), "{line}");
        assert!(why.len() > 20, "{line}");
    }
    assert!(listed.count() > 0);
}

/// The direction of the house: what does I/O and what holds a provider stand outside, and nothing leans on
/// them but the front door; what a credential says and a one-time code is lean on nobody.
#[test]
fn dependencies_point_one_way() {
    let outside = ["fetch", "notify", "store", "ssi", "jose-aws-lc", "jose-josekit"];
    let alone = ["credentials", "otp", "json", "notify"];
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let readme = readme.split("### How they lean on each other").nth(1).expect("the section");
    for (path, manifest) in published() {
        let folder =
            path.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned();
        let ours: Vec<_> = direct_dependencies(&manifest)
            .into_iter()
            .filter_map(|name| name.strip_prefix("staffpass-").map(str::to_owned))
            .collect();
        if folder == "staffpass" {
            assert!(ours.len() > 10, "the front door: {ours:?}");
            continue;
        }
        let wrong: Vec<_> = ours.iter().filter(|name| outside.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{folder} leans on {wrong:?}");
        assert!(!alone.contains(&folder.as_str()) || ours.is_empty(), "{folder}: {ours:?}");
        let (name, ours) = (format!(" {folder} "), ours.join(", "));
        let drawn =
            readme.lines().find(|line| format!("{line} ").starts_with(&name)).expect("the crate");
        let drawn = drawn.split("► ").nth(1).unwrap_or_default().trim();
        assert_eq!(drawn, ours, "{folder}, in the README");
    }
}
