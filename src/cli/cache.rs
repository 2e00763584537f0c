//! `runner cache`: what is cached, whether it is sound, and making room.

mod users;

use super::output::{Paint, print, print_pretty, say};
use super::stop::Stop;
use super::units;
use crate::engine::cache::{Held, Limits, Verdict};
use crate::engine::{self, Failure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use users::Users;

/// What to do with the cache.
#[derive(Debug, Subcommand)]
pub enum Cache {
    /// Every cached result: its size, its last use, the runs that stand on it
    List(List),
    /// Hash every cached byte; what is damaged is moved aside and computed again when needed
    Verify(Verify),
    /// Remove what was not used for long, the least recently used first
    Gc(Gc),
}

/// Where the cache is and how to tell of it.
#[derive(Args, Debug)]
pub struct Place {
    /// Where results are cached
    #[arg(long, value_name = "DIR", default_value = "data/cache")]
    cache: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Options of a listing.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    place: Place,
    /// Where run folders are
    #[arg(long, value_name = "DIR", default_value = "runs")]
    runs: PathBuf,
}

/// Options of a check.
#[derive(Args, Debug)]
pub struct Verify {
    #[command(flatten)]
    place: Place,
}

/// Options of a collection.
#[derive(Args, Debug)]
pub struct Gc {
    #[command(flatten)]
    place: Place,
    /// Remove until no more than this is left: 500MB, 10GB
    #[arg(long, value_name = "SIZE", value_parser = units::parse_bytes)]
    max_size: Option<u64>,
    /// Remove what was not used for longer: 12h, 30d, 8w
    #[arg(long, value_name = "AGE", value_parser = units::parse_age)]
    max_age: Option<Duration>,
    /// Only tell what would be removed
    #[arg(long)]
    dry_run: bool,
}

impl Cache {
    /// Does it.
    ///
    /// # Errors
    /// Damage that was found; results that cannot be removed.
    pub fn obey(&self) -> Result<(), Stop> {
        match self {
            Cache::List(list) => list.obey(),
            Cache::Verify(verify) => verify.obey(),
            Cache::Gc(gc) => gc.obey(),
        }
    }

    /// Whether JSON is wanted.
    pub fn json(&self) -> bool {
        match self {
            Cache::List(List { place, .. }) | Cache::Verify(Verify { place }) | Cache::Gc(Gc { place, .. }) => {
                place.json
            }
        }
    }
}

impl List {
    fn obey(&self) -> Result<(), Stop> {
        let held = self.place.open().list();
        let users = Users::of(&self.runs);
        if self.place.json {
            return print_pretty(&held.iter().map(|each| described(each, &users.of_result(each))).collect::<Vec<_>>());
        }
        let now = SystemTime::now();
        let lines: String = held.iter().map(|each| listed(each, users.of_result(each).len(), now)).collect();
        print(&lines)?;
        let bytes = held.iter().map(|each| each.bytes).sum();
        print(&format!("{} results, {} in {}\n", held.len(), units::bytes(bytes), self.place.cache.display()))
    }
}

impl Verify {
    fn obey(&self) -> Result<(), Stop> {
        let paint = Paint::for_stderr();
        let mut tell = |verdict: &Verdict| {
            verdict.fault.iter().for_each(|fault| say(&format!("{} {fault}", paint.bad("damaged:"))));
        };
        let verdicts = self.place.open().verify(&mut tell);
        let damaged: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.fault.is_some()).collect();
        if self.place.json {
            let fault = |each: &&Verdict| json!({ "stage": each.stage, "object": each.object, "fault": each.fault });
            let faults: Vec<Value> = damaged.iter().map(fault).collect();
            print_pretty(&json!({ "checked": verdicts.len(), "damaged": faults }))?;
        } else {
            print(&format!("{} results checked, {} damaged\n", verdicts.len(), damaged.len()))?;
        }
        if damaged.is_empty() { Ok(()) } else { Err(Stop::Told(1)) }
    }
}

impl Gc {
    fn obey(&self) -> Result<(), Stop> {
        let (cache, now) = (self.place.open(), SystemTime::now());
        let limits = Limits { max_bytes: self.max_size, max_age: self.max_age };
        let (surplus, items) = (cache.surplus(limits, now), cache.surplus_items(limits, now));
        let mut leftovers = items.iter().map(|item| item.bytes).sum();
        if !self.dry_run {
            surplus.iter().try_for_each(|each| cache.remove(each)).map_err(Failure::from)?;
            items.iter().try_for_each(|item| cache.remove_item(item)).map_err(Failure::from)?;
            leftovers += cache.clear_leftovers(now);
        }
        self.tell(&surplus, items.len(), leftovers, now)
    }

    fn tell(&self, surplus: &[Held], items: usize, leftovers: u64, now: SystemTime) -> Result<(), Stop> {
        let bytes = surplus.iter().map(|each| each.bytes).sum::<u64>() + leftovers;
        if self.place.json {
            let removed: Vec<Value> = surplus.iter().map(|each| described(each, &[])).collect();
            return print_pretty(
                &json!({ "dry_run": self.dry_run, "bytes": bytes, "items": items, "removed": removed }),
            );
        }
        if self.max_size.is_none() && self.max_age.is_none() {
            say("no --max-size and no --max-age: only leftovers of killed runs go");
        }
        let lines: String = surplus.iter().map(|each| listed(each, 0, now)).collect();
        let verb = if self.dry_run { "would be removed" } else { "removed" };
        let bytes = units::bytes(bytes);
        print(&format!("{lines}{} results and {items} remembered tracks, {bytes} {verb}\n", surplus.len()))
    }
}

impl Place {
    fn open(&self) -> engine::Cache {
        engine::Cache::at(&self.cache)
    }
}

/// A result's readable title: that of its newest key.
fn title(held: &Held) -> &str {
    held.aliases.first().map_or(held.stage.as_str(), |alias| alias.title.as_str())
}

fn listed(held: &Held, runs: usize, now: SystemTime) -> String {
    let used = units::ago(now.duration_since(held.used).unwrap_or_default());
    let runs = match runs {
        0 => String::new(),
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    let (bytes, took) = (units::bytes(held.bytes), units::seconds(held.seconds));
    format!("{}  {:<40} {bytes:>8}  {took:>12}  {used:<12} {runs}", held.object.short(), title(held))
        .trim_end()
        .to_owned()
        + "\n"
}

fn described(held: &Held, runs: &[String]) -> Value {
    let used = held.used.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    json!({
        "stage": held.stage, "title": title(held), "object": held.object, "bytes": held.bytes,
        "seconds": held.seconds, "used_unix_seconds": used, "runs": runs,
        "keys": held.aliases.iter().map(|alias| alias.key).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Key;

    #[test]
    fn a_result_is_listed_with_size_age_and_its_runs() {
        let now = SystemTime::now();
        let used = now - Duration::from_secs(7200);
        let held = Held {
            stage: "train".to_owned(),
            object: Key::of_bytes(b"x"),
            bytes: 1_500_000,
            seconds: 84.0,
            used,
            aliases: Vec::new(),
        };
        let words: Vec<String> = listed(&held, 2, now).split_whitespace().skip(1).map(str::to_owned).collect();
        assert_eq!(words.join(" "), "train 1.5 MB 1 min 24 s 2 h ago 2 runs");
        assert_eq!(described(&held, &["a".to_owned()])["runs"][0], "a");
    }
}
