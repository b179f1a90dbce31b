//! What the figures were measured on.

/// The processor's name, how many of them, the compiler and the versions of what checks signatures.
pub fn description() -> String {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = std::process::Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let libraries = ["aws-lc-rs", "secp256k1", "serde_json", "base64"];
    let libraries: Vec<String> = libraries.iter().map(|name| version(name)).collect();
    let [processor, rustc] = [processor(), rustc.unwrap_or_else(|_| "rustc unknown".to_owned())];
    format!("{processor}, {cpus} logical CPUs; {rustc}; {}", libraries.join(", "))
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|line| line.split_once(": "));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

/// A package's version, from the lock file that this was built with.
fn version(name: &str) -> String {
    let lock = include_str!("../../Cargo.lock");
    let at = lock.rfind(&format!("name = \"{name}\"\nversion = \""));
    let version = at.and_then(|at| lock.get(at..)?.split('"').nth(3));
    format!("{name} {}", version.unwrap_or("unknown"))
}
