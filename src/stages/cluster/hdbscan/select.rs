//! Which clusters of the condensed tree are taken, and which points are theirs; the rules are scikit-learn's.

use super::{Condensed, Hdbscan, NOISE, Selection};

/// Whether each cluster of the tree is taken. No cluster is taken together with one above it.
pub fn clusters(tree: &Condensed, settings: &Hdbscan) -> Vec<bool> {
    let chosen = match settings.cluster_selection_method {
        Selection::Eom => excess_of_mass(tree, settings.allow_single_cluster),
        Selection::Leaf => leaves(tree),
    };
    if settings.cluster_selection_epsilon == 0.0 || tree.branches.len() == 1 || chosen[0] {
        return chosen;
    }
    merged_below(tree, &chosen, settings)
}

/// Campello et al. (2013), section 5: from the leaves up, a cluster stays unless its parts are more stable together.
fn excess_of_mass(tree: &Condensed, allow_root: bool) -> Vec<bool> {
    let mut stability: Vec<f64> = tree.branches.iter().map(|branch| branch.stability).collect();
    let mut chosen = vec![false; stability.len()];
    for (at, branch) in tree.branches.iter().enumerate().rev() {
        let parts: f64 = branch.children.iter().flatten().map(|child| stability[*child]).sum();
        if parts > stability[at] {
            stability[at] = parts;
        } else {
            chosen[at] = at > 0 || allow_root;
        }
    }
    without_descendants(tree, chosen)
}

/// The clusters that do not split; none if the root does not.
fn leaves(tree: &Condensed) -> Vec<bool> {
    tree.branches.iter().map(|branch| branch.children.is_none() && branch.parent.is_some()).collect()
}

fn without_descendants(tree: &Condensed, mut chosen: Vec<bool>) -> Vec<bool> {
    let mut inside = vec![false; chosen.len()];
    for (at, branch) in tree.branches.iter().enumerate() {
        inside[at] = branch.parent.is_some_and(|parent| inside[parent] || chosen[parent]);
        chosen[at] &= !inside[at];
    }
    chosen
}

/// Clusters that split off below the epsilon give way to the lowest one above them that does not.
/// Malzer, Baum, "A hybrid approach to hierarchical density-based cluster selection" (2020).
fn merged_below(tree: &Condensed, chosen: &[bool], settings: &Hdbscan) -> Vec<bool> {
    let mut merged = vec![false; chosen.len()];
    for at in (0..chosen.len()).filter(|at| chosen[*at]) {
        merged[large_enough(tree, at, settings)] = true;
    }
    without_descendants(tree, merged)
}

fn large_enough(tree: &Condensed, mut at: usize, settings: &Hdbscan) -> usize {
    while 1.0 / tree.branches[at].birth < settings.cluster_selection_epsilon {
        match tree.branches[at].parent {
            Some(0) if !settings.allow_single_cluster => return at,
            Some(parent) => at = parent,
            None => return at,
        }
    }
    at
}

/// Label and probability of each point, and the number of clusters.
pub fn memberships(tree: &Condensed, chosen: &[bool], settings: &Hdbscan) -> (Vec<i32>, Vec<f64>, usize) {
    let owners = owners(tree, chosen);
    let (mut labels, mut probabilities, mut numbers, mut count) = (vec![], vec![], vec![NOISE; chosen.len()], 0);
    for fall in &tree.falls {
        let owner = owners[fall.cluster].filter(|owner| *owner > 0 || dense(tree, fall.lambda, settings));
        if let Some(new) = owner.filter(|owner| numbers[*owner] == NOISE) {
            numbers[new] = count;
            count += 1;
        }
        labels.push(owner.map_or(NOISE, |owner| numbers[owner]));
        probabilities.push(owner.map_or(0.0, |owner| strength(fall.lambda, tree.branches[owner].death)));
    }
    (labels, probabilities, count as usize)
}

/// The taken cluster that each cluster is in or is.
fn owners(tree: &Condensed, chosen: &[bool]) -> Vec<Option<usize>> {
    let mut owners: Vec<Option<usize>> = vec![];
    for (at, branch) in tree.branches.iter().enumerate() {
        let above = branch.parent.and_then(|parent| owners[parent]);
        owners.push(if chosen[at] { Some(at) } else { above });
    }
    owners
}

/// If the root is the one cluster: whether a point that falls at `lambda` is dense enough to be in it.
fn dense(tree: &Condensed, lambda: f64, settings: &Hdbscan) -> bool {
    let epsilon = settings.cluster_selection_epsilon;
    lambda >= if epsilon == 0.0 { tree.branches[0].death } else { 1.0 / epsilon }
}

fn strength(lambda: f64, death: f64) -> f64 {
    if death == 0.0 || lambda.is_infinite() { 1.0 } else { lambda.min(death) / death }
}
