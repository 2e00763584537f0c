//! `runner kinds`: what an experiment may name.

use super::arguments::nearest;
use super::output::{Paint, print, print_pretty, say};
use super::stop::Stop;
use crate::engine::kinds::KindLine;
use crate::experiment::{self, Setting};
use clap::Args;
use serde_json::{Value, json};

/// Options of a listing.
#[derive(Args, Debug)]
pub struct Kinds {
    /// One table (dataset, features, model, cluster ...), or one kind with all its settings (mfcc, kmeans ...)
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

type Room = (&'static str, &'static str, &'static [KindLine]);

impl Kinds {
    /// Lists the kinds.
    ///
    /// # Errors
    /// A room that is not there.
    pub fn obey(&self) -> Result<(), Stop> {
        let rooms = self.rooms(experiment::kinds())?;
        let one = matches!(rooms.as_slice(), [(_, _, [_])]);
        if self.json {
            return print_pretty(&rooms.iter().map(described).collect::<Vec<_>>());
        }
        let paint = Paint::for_stdout();
        let told: Vec<String> = rooms.iter().map(|room| listed(room, paint)).collect();
        let more = rooms.iter().filter(|_| self.name.is_some()).map(|room| reference(room, one, paint));
        print(&told.into_iter().chain(more).collect::<Vec<_>>().join("\n"))?;
        if self.name.is_none() {
            say("`runner kinds NAME` tells all settings of one of them");
        }
        Ok(())
    }

    fn rooms(&self, all: Vec<Room>) -> Result<Vec<Room>, Stop> {
        let Some(wanted) = &self.name else { return Ok(all) };
        let whole: Vec<Room> = all.iter().filter(|(name, ..)| name == wanted).copied().collect();
        if !whole.is_empty() {
            return Ok(whole);
        }
        let of_one = |(name, place, kinds): &Room| {
            let at = kinds.iter().position(|kind| kind.name == wanted)?;
            Some((*name, *place, &kinds[at..=at]))
        };
        let found: Vec<Room> = all.iter().filter_map(of_one).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let rooms: Vec<&str> = all.iter().map(|(name, ..)| *name).collect();
        let kinds = all.iter().flat_map(|(.., kinds)| kinds.iter().map(|kind| kind.name));
        let meant = nearest(wanted, rooms.iter().copied().chain(kinds)).map(|name| format!("; did you mean {name}?"));
        Err(Stop::usage(format!(
            "nothing is called `{wanted}`{} There are kinds of {}",
            meant.unwrap_or_else(|| ".".to_owned()),
            rooms.join(", ")
        )))
    }
}

/// All settings: of the one kind, and those that all kinds of its table share.
fn reference((room, _, kinds): &Room, one: bool, paint: Paint) -> String {
    let own = kinds.iter().filter(|_| one).map(|kind| {
        let settings = experiment::settings(&experiment::place_of(room, kind.name));
        table(&format!("settings of {}", kind.name), &settings, paint)
    });
    let shared = experiment::settings(&["features", "audio"]);
    let shared = (*room == "features").then(|| table("for all kinds, in [features.audio]", &shared, paint));
    own.chain(shared).collect::<Vec<_>>().join("\n")
}

fn table(heading: &str, settings: &[Setting], paint: Paint) -> String {
    let wide = settings.iter().map(|setting| setting.name.len()).max().unwrap_or(0);
    let line = |setting: &Setting| {
        let default = setting.default.as_ref().map(|default| format!(", default {default}")).unwrap_or_default();
        let values = paint.dim(&format!("{}{default}", setting.values));
        format!("  {:wide$}  {values}\n  {:wide$}  {}\n", paint.good(&setting.name), "", setting.about)
    };
    match settings {
        [] => format!("{}\n  none\n", paint.bold(heading)),
        settings => format!("{}\n{}", paint.bold(heading), settings.iter().map(line).collect::<String>()),
    }
}

fn listed((name, place, kinds): &Room, paint: Paint) -> String {
    let one = |kind: &KindLine| {
        let example: String = kind.example.lines().map(|line| format!("      {line}\n")).collect();
        format!("  {}  {}\n{}", paint.good(kind.name), kind.about, paint.dim(&example))
    };
    let heading = paint.bold(&format!("{name}  {place}"));
    format!("{heading}\n{}", kinds.iter().map(one).collect::<String>())
}

fn described((name, place, kinds): &Room) -> Value {
    let settings = |kind: &KindLine| experiment::settings(&experiment::place_of(name, kind.name));
    let one = |kind: &KindLine| json!({ "name": kind.name, "about": kind.about, "example": kind.example, "settings": settings(kind) });
    json!({ "room": name, "where": place, "kinds": kinds.iter().map(one).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOMS: [Room; 2] = [
        ("cluster", "[[cluster]]", &[KindLine { name: "kmeans", example: "k = 10\nrestarts = 3", about: "k-means" }]),
        ("model", "[model]", &[]),
    ];

    #[test]
    fn each_kind_is_listed_with_its_example() {
        assert_eq!(
            listed(&ROOMS[0], Paint::none()),
            "cluster  [[cluster]]\n  kmeans  k-means\n      k = 10\n      restarts = 3\n"
        );
    }

    #[test]
    fn a_misspelt_room_is_answered_with_the_nearest() {
        let wanted = |room: &str| Kinds { name: Some(room.to_owned()), json: false }.rooms(ROOMS.to_vec());
        assert_eq!((wanted("model").unwrap().len(), wanted("kmeans").unwrap()[0].2.len()), (1, 1));
        assert!(wanted("clutser").unwrap_err().to_string().contains("did you mean cluster?"));
    }
}
