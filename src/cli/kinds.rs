//! `runner kinds`: what an experiment may name.

use super::arguments::nearest;
use super::output::{Paint, print, print_pretty};
use super::stop::Stop;
use crate::engine::kinds::KindLine;
use crate::experiment;
use clap::Args;
use serde_json::{Value, json};

/// Options of a listing.
#[derive(Args, Debug)]
pub struct Kinds {
    /// One room only: dataset, features, model, cluster ...
    #[arg(value_name = "ROOM")]
    room: Option<String>,
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
        if self.json {
            return print_pretty(&rooms.iter().map(described).collect::<Vec<_>>());
        }
        let paint = Paint::for_stdout();
        print(&rooms.iter().map(|room| listed(room, paint)).collect::<Vec<_>>().join("\n"))
    }

    fn rooms(&self, all: Vec<Room>) -> Result<Vec<Room>, Stop> {
        let Some(wanted) = &self.room else { return Ok(all) };
        let found: Vec<Room> = all.iter().filter(|(name, ..)| name == wanted).copied().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let names: Vec<&str> = all.iter().map(|(name, ..)| *name).collect();
        let meant = nearest(wanted, names.iter().copied()).map(|name| format!("; did you mean {name}?"));
        Err(Stop::usage(format!(
            "no room `{wanted}`{} There are {}",
            meant.unwrap_or_else(|| ".".to_owned()),
            names.join(", ")
        )))
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
    let one = |kind: &KindLine| json!({ "name": kind.name, "about": kind.about, "example": kind.example });
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
        let wanted = |room: &str| Kinds { room: Some(room.to_owned()), json: false }.rooms(ROOMS.to_vec());
        assert_eq!(wanted("model").unwrap().len(), 1);
        assert!(wanted("clutser").unwrap_err().to_string().contains("did you mean cluster?"));
    }
}
