//! A plan as a tree: each stage hangs below the last of its inputs.

use crate::cli::output::Paint;
use crate::cli::units;
use crate::engine::{Fate, Forecast};

/// So many members are named on a line; more are counted.
const NAMED: usize = 2;

/// The tree, a line a stage. `members` tells for each stage who needs it, `names` how the members are called.
pub fn drawn(forecast: &[Forecast], members: &[Vec<usize>], names: &[String], paint: Paint) -> String {
    let stems = stems(forecast);
    let width = |place: &usize| stems[*place].chars().count() + forecast[*place].title.chars().count();
    let widest = order(forecast).iter().map(width).max().unwrap_or(0);
    let line = |place: usize| {
        let line = &forecast[place];
        let gap = " ".repeat(widest - width(&place));
        let told = [fate(line, paint), cost(line, paint), sharers(&members[place], names, paint)];
        let told: Vec<String> = told.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}{}{gap}  {}\n", paint.dim(&stems[place]), line.title, told.join("  "))
    };
    order(forecast).into_iter().map(line).collect()
}

/// The stage each stage hangs below: the last of its inputs, which is the one it waits for longest.
fn parent(line: &Forecast) -> Option<usize> {
    line.inputs.iter().max().copied()
}

fn children(forecast: &[Forecast], of: Option<usize>) -> Vec<usize> {
    (0..forecast.len()).filter(|place| parent(&forecast[*place]) == of).collect()
}

/// Places from the roots down, children behind their parents.
fn order(forecast: &[Forecast]) -> Vec<usize> {
    fn below(forecast: &[Forecast], of: Option<usize>, order: &mut Vec<usize>) {
        for place in children(forecast, of) {
            order.push(place);
            below(forecast, Some(place), order);
        }
    }
    let mut order = Vec::with_capacity(forecast.len());
    below(forecast, None, &mut order);
    order
}

/// What is drawn before each title: `│  ├─ `.
fn stems(forecast: &[Forecast]) -> Vec<String> {
    let mut stems = vec![String::new(); forecast.len()];
    let mut trunks = vec![String::new(); forecast.len()];
    for place in order(forecast) {
        let Some(parent) = parent(&forecast[place]) else { continue };
        let last = children(forecast, Some(parent)).last() == Some(&place);
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
    fn stages_hang_below_their_last_input_with_fate_reason_and_time() {
        let forecast = [
            stage("dataset synth", &[], Fate::Hit, &[]),
            stage("features mfcc", &[0], Fate::Hit, &[]),
            stage("train beta_vae", &[0, 1], Fate::Run, &["model.beta 1.0 → 4.0"]),
            stage("cluster raw", &[1], Fate::Hit, &[]),
            stage("embed", &[2], Fate::RunUnlessUnchanged, &["input train beta_vae runs"]),
        ];
        let (members, names) = (vec![vec![0, 1], vec![0, 1], vec![0], vec![0, 1], vec![0]], vec!["a".to_owned(), "b".to_owned()]);
        let expected = "\
dataset synth            hit
└─ features mfcc         hit
   ├─ train beta_vae     run  (model.beta 1.0 → 4.0)  ~34 s  [a]
   │  └─ embed           runs unless its input comes out unchanged  (input train beta_vae runs)  ~34 s  [a]
   └─ cluster raw        hit
";
        let told = drawn(&forecast, &members, &names, Paint::none());
        let squeezed = |text: &str| text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>();
        assert_eq!(squeezed(&told), squeezed(expected));
        assert_eq!(told.lines().next().unwrap().find("hit"), Some("   ├─ train beta_vae".chars().count() + 2));
    }
}
