//! What members of a study are called: by what tells them apart.

use crate::experiment::Member;
use crate::report::runs::{Setting, settings};
use crate::report::table::names::shortest;
use std::collections::{BTreeMap, BTreeSet};

/// A name for each member: the experiment's, the seed, and the settings that differ among them.
pub fn labels(members: &[Member]) -> Vec<String> {
    let settings: Vec<BTreeMap<String, Setting>> =
        members.iter().map(|member| settings(&member.config).unwrap_or_default()).collect();
    let all: BTreeSet<&str> = settings.iter().flatten().map(|(path, _)| path.as_str()).collect();
    let paths: Vec<&str> = all.into_iter().collect();
    let differs = |path: &&str| settings.windows(2).any(|two| two[0].get(*path) != two[1].get(*path));
    let telling: Vec<&str> = paths.iter().copied().filter(differs).collect();
    let label = |(member, settings): (&Member, &BTreeMap<String, Setting>)| {
        let told =
            telling.iter().filter_map(|path| Some(format!(", {} {}", shortest(path, &paths), settings.get(*path)?)));
        format!("{} seed {}{}", member.name, member.seed, told.collect::<String>())
    };
    members.iter().zip(&settings).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::members;

    /// Members of the quickstart with these overrides.
    fn labelled(overrides: &[&str]) -> Vec<String> {
        let path = std::env::temp_dir().join(format!("runner-labels-{}.toml", crate::engine::cache::random_name()));
        std::fs::write(&path, include_str!("templates/quickstart.toml")).unwrap();
        let overrides: Vec<String> = overrides.iter().map(|word| (*word).to_owned()).collect();
        let Ok(members) = members(std::slice::from_ref(&path), &overrides) else { panic!("a template with overrides") };
        std::fs::remove_file(path).unwrap();
        labels(&members)
    }

    #[test]
    fn members_are_called_by_what_tells_them_apart() {
        assert_eq!(labelled(&["model.beta_vae.beta=[1, 4]"]), ["NAME seed 7, beta 1", "NAME seed 7, beta 4"]);
        assert_eq!(labelled(&["seed=[1, 2]", "train.steps=9"]), ["NAME seed 1", "NAME seed 2"]);
    }
}
