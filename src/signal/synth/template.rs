//! Ten genre templates: what a band of that genre plays, and how loud each of its instruments is.
//! Progressions and comping figures are the textbook ones (Levine, "The jazz theory book", 1995; Everett, "The foundations of rock", 2009).

use super::wave::{TIMBRES, Timbre};
use crate::random::Stream;

/// Number of templates.
pub const COUNT: u32 = 10;

/// Levels of a band that plays no genre: lead, chords, bass, drums, dB.
const COMMON_DB: [f32; 4] = [-7.0, -10.0, -6.0, -5.0];
const COMMON_DRIVE: f32 = 0.08;

/// One genre's way of playing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Template {
    /// Roots of the four chords of a phrase, as scale degrees from 0.
    pub progression: [i32; 4],
    /// Sixteenth notes a chord.
    pub chord_steps: usize,
    /// Scale degrees of a chord's tones above its root.
    pub chord: &'static [i32],
    /// Lowest pitch of the chords, MIDI.
    pub chord_midi: i32,
    /// Chords by sixteenth note: `x` strike, `-` hold, `.` rest.
    pub comp: &'static [u8; 16],
    /// Bass by sixteenth note: `1` to `8` degree of the chord, `-` hold, `.` rest.
    pub bass: &'static [u8; 16],
    /// Probability of a lead note on a quaver.
    pub density: f64,
    /// Delay of off-beat quavers as a share of a quaver.
    pub swing: f64,
    /// Chord instrument.
    pub comp_timbre: Timbre,
    /// Distortion of lead and chords, 0 to 1.
    pub drive: f32,
    /// Level of the lead, dB.
    pub lead_db: f32,
    /// Level of each chord tone, dB.
    pub comp_db: f32,
    /// Level of the bass, dB.
    pub bass_db: f32,
    /// Level of the drums, dB.
    pub drums_db: f32,
}

const TRIAD: &[i32] = &[0, 2, 4];
const SEVENTH: &[i32] = &[0, 2, 4, 6];
const POWER: &[i32] = &[0, 4, 7];

/// Blues, classical, country, disco, hip hop, jazz, metal, pop, reggae, rock.
pub const ALL: [Template; COUNT as usize] = [
    rhythm([0, 3, 0, 4], 16, SEVENTH, 48, b"x---x---x---x---", b"1-1-3-3-5-5-6-5-", 0.45, 0.30).sound(
        3,
        0.20,
        [-6.0, -10.0, -5.0, -9.0],
    ),
    rhythm([0, 4, 5, 3], 8, TRIAD, 55, b"x---------------", b"1-------5-------", 0.75, 0.0).sound(
        2,
        0.0,
        [-7.0, -7.0, -9.0, -20.0],
    ),
    rhythm([0, 3, 4, 0], 16, TRIAD, 57, b"..x-x-x-..x-x-x-", b"1---..--5---..--", 0.55, 0.05).sound(
        3,
        0.03,
        [-6.0, -6.0, -6.0, -12.0],
    ),
    rhythm([0, 5, 3, 4], 16, SEVENTH, 60, b"..x...x...x.x.x.", b"1.8.1.8.1.8.1.8.", 0.35, 0.0).sound(
        2,
        0.02,
        [-10.0, -9.0, -4.0, -1.0],
    ),
    rhythm([0, 5, 0, 3], 16, SEVENTH, 52, b"x-------......x-", b"1-----1-..1-----", 0.25, 0.12).sound(
        5,
        0.06,
        [-12.0, -13.0, 0.0, -1.0],
    ),
    rhythm([1, 4, 0, 5], 16, SEVENTH, 53, b"x-....x-....x-..", b"1---3---5---6---", 0.70, 0.33).sound(
        1,
        0.0,
        [-6.0, -12.0, -3.0, -9.0],
    ),
    rhythm([0, 5, 6, 0], 8, POWER, 40, b"x.xxx.xxx.xxx.xx", b"1.111.111.111.11", 0.35, 0.0).sound(
        2,
        0.90,
        [-10.0, -2.0, -6.0, -6.0],
    ),
    rhythm([0, 4, 5, 3], 16, TRIAD, 57, b"x-------x-----x-", b"1-----1-5-----5-", 0.60, 0.0).sound(
        1,
        0.03,
        [-3.0, -11.0, -7.0, -5.0],
    ),
    rhythm([0, 3, 0, 4], 16, TRIAD, 59, b"....x.......x...", b"1--3--5-..5-3-1-", 0.30, 0.10).sound(
        1,
        0.05,
        [-10.0, -5.0, 1.0, -7.0],
    ),
    rhythm([0, 3, 4, 3], 16, POWER, 52, b"x-..x-..x.x.x-..", b"1.1.1.1.1.1.1.1.", 0.45, 0.0).sound(
        3,
        0.2,
        [-8.0, -6.0, -8.0, 1.0],
    ),
];

#[allow(clippy::too_many_arguments, reason = "one row of the table, in the order of the fields")]
const fn rhythm(
    progression: [i32; 4],
    chord_steps: usize,
    chord: &'static [i32],
    chord_midi: i32,
    comp: &'static [u8; 16],
    bass: &'static [u8; 16],
    density: f64,
    swing: f64,
) -> Template {
    let [lead_db, comp_db, bass_db, drums_db] = COMMON_DB;
    let (comp_timbre, drive) = (TIMBRES[0], COMMON_DRIVE);
    Template {
        progression,
        chord_steps,
        chord,
        chord_midi,
        comp,
        bass,
        density,
        swing,
        comp_timbre,
        drive,
        lead_db,
        comp_db,
        bass_db,
        drums_db,
    }
}

impl Template {
    const fn sound(self, timbre: usize, drive: f32, levels_db: [f32; 4]) -> Template {
        let [lead_db, comp_db, bass_db, drums_db] = levels_db;
        Template { comp_timbre: TIMBRES[timbre], drive, lead_db, comp_db, bass_db, drums_db, ..self }
    }

    /// The template with `character` of its own sound, the rest the common band's. What is played does not change.
    pub fn of(template: Template, character: f64) -> Template {
        let share = character.clamp(0.0, 1.0) as f32;
        let drive = COMMON_DRIVE + share * (template.drive - COMMON_DRIVE);
        let mut blended = Template { comp_timbre: template.comp_timbre.blended(share), drive, ..template };
        let levels = blended.levels_db();
        levels.into_iter().zip(COMMON_DB).for_each(|(level, common)| *level = common + share * (*level - common));
        blended
    }

    /// Moves every instrument's level by a normal draw of standard deviation `by_db`.
    pub fn loosen(&mut self, by_db: f64, stream: &mut Stream) {
        self.levels_db().into_iter().for_each(|level| *level += (by_db * stream.normal()) as f32);
    }

    fn levels_db(&mut self) -> [&mut f32; 4] {
        [&mut self.lead_db, &mut self.comp_db, &mut self.bass_db, &mut self.drums_db]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_character_all_templates_sound_alike() {
        for template in ALL {
            let plain = Template::of(template, 0.0);
            assert_eq!((plain.drive, plain.lead_db, plain.drums_db), (COMMON_DRIVE, COMMON_DB[0], COMMON_DB[3]));
            assert_eq!(plain.comp_timbre, Template::of(ALL[0], 0.0).comp_timbre);
            assert_eq!(Template::of(template, 1.0).bass, template.bass);
        }
    }

    #[test]
    fn bass_lines_name_degrees_of_a_scale() {
        for template in ALL {
            assert!(template.bass.iter().all(|step| matches!(step, b'1'..=b'8' | b'-' | b'.')));
            assert!(template.comp.iter().all(|step| matches!(step, b'x' | b'-' | b'.')));
        }
    }
}
