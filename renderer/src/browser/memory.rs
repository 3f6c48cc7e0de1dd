//! How much memory a process and its children hold by themselves.

use std::fs;

/// Processes of one browser; more are not counted.
const MOST: usize = 512;

/// Anonymous and shared memory of a process tree, bytes; pages of program files are left out, since
/// every process of the tree maps the same ones.
pub(super) fn of_tree(root: u32) -> u64 {
    tree(root).into_iter().map(of_process).sum()
}

/// A process and all that it has started, directly or not.
pub(super) fn tree(root: u32) -> Vec<u32> {
    let (mut found, mut looked_at) = (vec![root], 0);
    while let Some(process) = found.get(looked_at).copied().filter(|_| found.len() < MOST) {
        looked_at += 1;
        found.extend(children(process));
    }
    found.truncate(MOST);
    found
}

fn of_process(process: u32) -> u64 {
    let Ok(status) = fs::read_to_string(format!("/proc/{process}/status")) else {
        return 0;
    };
    let own = |line: &&str| line.starts_with("RssAnon:") || line.starts_with("RssShmem:");
    let kibibytes = |line: &str| line.split_whitespace().nth(1)?.parse::<u64>().ok();
    status
        .lines()
        .filter(own)
        .filter_map(kibibytes)
        .sum::<u64>()
        * 1024
}

fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        return Vec::new();
    };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|child| child.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}
