//! Listing and checking what is cached.

use super::{Alias, Cache, Fault, children};
use crate::engine::Key;
use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::time::SystemTime;

/// A published result as a listing shows it.
#[derive(Clone, Debug)]
pub struct Held {
    /// The room.
    pub stage: String,
    /// The content key.
    pub object: Key,
    /// Bytes on disk.
    pub bytes: u64,
    /// How long it took to make.
    pub seconds: f64,
    /// Last use.
    pub used: SystemTime,
    /// Keys that lead to it, with their titles.
    pub aliases: Vec<Alias>,
}

/// What a check of one result found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The room.
    pub stage: String,
    /// The content key in hexadecimal, as the folder is named.
    pub object: String,
    /// None if sound, else what is wrong.
    pub fault: Option<String>,
}

type Aliases = BTreeMap<Key, Vec<(Alias, SystemTime)>>;

impl Cache {
    /// Every published result, in order of room and key.
    pub fn list(&self) -> Vec<Held> {
        let aliases = self.aliases();
        self.folders().iter().filter_map(|(stage, entry)| self.held(stage, entry, &aliases)).collect()
    }

    fn held(&self, stage: &str, folder: &DirEntry, aliases: &Aliases) -> Option<Held> {
        let object = Key::try_from(folder.file_name().to_string_lossy().into_owned()).ok()?;
        let entry = self.entry(stage, object)?;
        let known = aliases.get(&object).map(Vec::as_slice).unwrap_or_default();
        let made = folder.metadata().and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        Some(Held {
            stage: stage.to_owned(),
            object,
            bytes: entry.bytes(),
            seconds: entry.manifest().seconds,
            used: known.iter().map(|(_, used)| *used).max().unwrap_or(made),
            aliases: known.iter().map(|(alias, _)| alias.clone()).collect(),
        })
    }

    fn aliases(&self) -> Aliases {
        let mut by_object = Aliases::new();
        for room in children(&self.root.join("keys")) {
            for (alias, used) in self.aliases_of(&room.file_name().to_string_lossy()) {
                by_object.entry(alias.object).or_default().push((alias, used));
            }
        }
        by_object
    }

    /// Hashes every byte of every result and goes on past the damaged ones, which are moved to quarantine.
    pub fn verify(&self, checked: &mut dyn FnMut(&Verdict)) -> Vec<Verdict> {
        let check = |(stage, folder): (String, DirEntry)| {
            let name = folder.file_name().to_string_lossy().into_owned();
            let verdict = Verdict { fault: self.fault(&stage, &name), stage, object: name };
            checked(&verdict);
            verdict
        };
        self.folders().into_iter().map(check).collect()
    }

    /// None also for a result that was removed while we looked.
    fn fault(&self, stage: &str, name: &str) -> Option<String> {
        let Ok(object) = Key::try_from(name.to_owned()) else { return Some("its name is no key".to_owned()) };
        match super::Entry::open_sound(&self.object_path(stage, object), stage, object) {
            Ok(_) => None,
            Err(Fault::Damaged(reason)) => Some(self.quarantine(stage, object, &reason).err()?.message),
            Err(trouble) => Some(crate::engine::Failure::from(trouble).to_string()),
        }
    }

    /// Every folder below `objects/`, in order of room and name.
    fn folders(&self) -> Vec<(String, DirEntry)> {
        let rooms = children(&self.root.join("objects"));
        let inside = |room: DirEntry| {
            let stage = room.file_name().to_string_lossy().into_owned();
            children(&room.path()).into_iter().map(move |entry| (stage.clone(), entry))
        };
        rooms.into_iter().flat_map(inside).collect()
    }
}
