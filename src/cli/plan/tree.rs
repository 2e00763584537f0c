//! A plan as a tree: each stage hangs below the deepest of its inputs, which is the one it waits for longest.

use crate::cli::output::Paint;
use crate::cli::units;
use crate::engine::{Fate, Forecast};

/// So many members are named on a line; more are counted.
const NAMED: usize = 2;

/// The tree, a line a stage. `members` tells for each stage who needs it, `names` how the members are called.
pub fn drawn(forecast: &[Forecast], members: &[Vec<usize>], names: &[String], paint: Paint) -> String {
    let parents = parents(forecast);
    let (stems, order) = (stems(&parents), order(&parents));
    let width = |place: &usize| stems[*place].chars().count() + forecast[*place].title.chars().count();
    let widest = order.iter().map(width).max().unwrap_or(0);
    let line = |place: usize| {
        let line = &forecast[place];
        let gap = " ".repeat(widest - width(&place));
        let told = [fate(line, paint), cost(line, paint), sharers(&members[place], names, paint)];
        let told: Vec<String> = told.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}{}{gap}  {}\n", paint.dim(&stems[place]), line.title, told.join("  "))
    };
    order.into_iter().map(line).collect()
}

/// For each stage, the one it hangs below.
fn parents(forecast: &[Forecast]) -> Vec<Option<usize>> {
    let mut depths = Vec::<usize>::with_capacity(forecast.len());
    let mut parents = Vec::with_capacity(forecast.len());
    for line in forecast {
        let parent = line.inputs.iter().copied().max_by_key(|input| (depths[*input], *input));
        depths.push(parent.map_or(0, |parent| depths[parent] + 1));
        parents.push(parent);
    }
    parents
}

/// Places from the roots down, children behind their parents.
fn order(parents: &[Option<usize>]) -> Vec<usize> {
    fn below(parents: &[Option<usize>], of: Option<usize>, order: &mut Vec<usize>) {
        for place in (0..parents.len()).filter(|place| parents[*place] == of) {
            order.push(place);
            below(parents, Some(place), order);
        }
    }
    let mut order = Vec::with_capacity(parents.len());
    below(parents, None, &mut order);
    order
}

/// What is drawn before each title: `│  ├─ `.
fn stems(parents: &[Option<usize>]) -> Vec<String> {
    let mut stems = vec![String::new(); parents.len()];
    let mut trunks = vec![String::new(); parents.len()];
    // A parent stands before its children in the plan, so its own trunk is known.
    for (place, parent) in parents.iter().enumerate() {
        let Some(parent) = *parent else { continue };
        let last = parents.iter().rposition(|each| *each == Some(parent)) == Some(place);
        stems[place] = trunks[parent].clone() + if last { "└─ " } else { "├─ " };
        trunks[place] = trunks[parent].clone() + if last { "   " } else { "│  " };
    }
    stems
}

fn fate(line: &Forecast, paint: Paint) -> String {
    let why = || paint.dim(&format!("({})", line.why.join("; ")));
    match line.fate {
        Fate::Hit => paint.good("hit"),
        Fate::Run => format!("{}  {}", paint.warn("run"), why()),
        Fate::RunUnlessUnchanged => format!("{}  {}", paint.warn("runs unless its input comes out unchanged"), why()),
    }
}

/// How long it will take; of a hit nothing, for it takes none.
fn cost(line: &Forecast, paint: Paint) -> String {
    match (line.fate, line.seconds) {
        (Fate::Hit, _) | (_, None) => String::new(),
        (_, Some(seconds)) => paint.dim(&format!("~{}", units::seconds(seconds))),
    }
}

/// Who needs a stage that not all members need.
fn sharers(members: &[usize], names: &[String], paint: Paint) -> String {
    let who = match members.len() {
        all if all == names.len() => return String::new(),
        0..=NAMED => members.iter().map(|member| names[*member].as_str()).collect::<Vec<_>>().join(", "),
        some => format!("{some} of {} runs", names.len()),
    };
    paint.dim(&format!("[{who}]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Key;

    fn stage(title: &str, inputs: &[usize], fate: Fate, why: &[&str]) -> Forecast {
        Forecast {
            title: title.to_owned(),
            stage: "x",
            key: Key::of_bytes(title.as_bytes()),
            inputs: inputs.to_vec(),
            fate,
            why: why.iter().map(|reason| (*reason).to_owned()).collect(),
            seconds: Some(34.0),
            bytes: None,
        }
    }

    #[test]
    fn stages_hang_below_their_deepest_input_with_fate_reason_and_time() {
        let forecast = [
            stage("dataset synth", &[], Fate::Hit, &[]),
            stage("features mfcc", &[0], Fate::Hit, &[]),
            stage("train beta_vae", &[0, 1], Fate::Run, &["model.beta 1.0 → 4.0"]),
            stage("cluster latent", &[2], Fate::RunUnlessUnchanged, &["input train beta_vae runs"]),
            stage("cluster raw", &[1], Fate::Hit, &[]),
            stage("metrics", &[0, 3, 4], Fate::RunUnlessUnchanged, &["input cluster latent runs"]),
        ];
        let (all, one) = (vec![0, 1], vec![0]);
        let members = [&all, &all, &one, &one, &all, &one].map(Clone::clone);
        let expected = "\
dataset synth hit
└─ features mfcc hit
├─ train beta_vae run (model.beta 1.0 → 4.0) ~34 s [a]
│ └─ cluster latent runs unless its input comes out unchanged (input train beta_vae runs) ~34 s [a]
│ └─ metrics runs unless its input comes out unchanged (input cluster latent runs) ~34 s [a]
└─ cluster raw hit";
        let told = drawn(&forecast, &members, &["a".to_owned(), "b".to_owned()], Paint::none());
        let squeezed: Vec<String> =
            told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(squeezed.join("\n"), expected);
    }

    #[test]
    fn fates_stand_below_each_other() {
        let forecast = [stage("dataset", &[], Fate::Hit, &[]), stage("features mfcc", &[0], Fate::Hit, &[])];
        let told = drawn(&forecast, &[vec![0], vec![0]], &["a".to_owned()], Paint::none());
        assert_eq!(told, "dataset           hit\n└─ features mfcc  hit\n");
    }
}
