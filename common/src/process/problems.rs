//! What is wrong with a process's options: all of it, told at once.

use std::fmt::Display;

/// Sentences that each say what is wrong, where, and what would be right.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Notes a problem.
    pub fn add(&mut self, problem: impl Display) {
        self.0.push(problem.to_string());
    }

    /// Notes the problem of a check that failed.
    pub fn note<T, E: Display>(&mut self, checked: Result<T, E>) {
        if let Err(problem) = checked {
            self.add(problem);
        }
    }

    /// All of them as one text; `None` if there are none.
    pub fn report(&self) -> Option<String> {
        match self.0.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            all => Some(format!(
                "{} options can't work:\n  - {}",
                all.len(),
                all.join("\n  - ")
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_at_once() {
        let mut problems = Problems::default();
        assert_eq!(problems.report(), None);
        problems.note::<(), _>(Err("--one is missing"));
        problems.note::<_, &str>(Ok(1));
        assert_eq!(problems.report().as_deref(), Some("--one is missing"));
        problems.add("--two is too long");
        let report = problems.report().unwrap();
        assert!(
            report.contains("2 options") && report.contains("--one") && report.contains("--two")
        );
    }
}
