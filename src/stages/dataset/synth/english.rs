//! English line patterns and words of the embedded data set.
//! Original words and lines, written for this set; free to use with it.

use super::lyrics::Vocabulary;

/// Nouns fill the gaps uninflected, so that any word fits any line. Genres in the order of [`GENRES`](super::GENRES).
pub const VOCABULARY: Vocabulary = Vocabulary { lines: &LINES, shared: SHARED, genres: GENRES };

const LINES: [&str; 16] = [
    "oh my {}, my {}",
    "there is {} in the {}",
    "give me {} and {}",
    "I remember the {}",
    "no more {}, no more {}",
    "all I need is {}",
    "we were {} and {}",
    "the {} will find the {}",
    "tell me about the {}",
    "every {} has a {}",
    "come back, {}",
    "between the {} and the {}",
    "nobody knows the {}",
    "this {} is your {}",
    "still the {} calls",
    "do not take the {} away",
];

const SHARED: &str = "love night heart dream road time life eyes home hand light day soul world song morning";

const GENRES: [&str; 10] = [
    "crossroads whiskey train sorrow trouble rain delta prison mule levee misery porch harmonica debt landlord \
     boxcar moonshine hound grave lonesome",
    "sonata cathedral violin elegy candlelight nocturne swan overture marble requiem nymph garden laurel \
     spring minuet angel lute chapel pastoral silence",
    "truck farm whippoorwill saddle barn creek fiddle prairie boots tractor cattle hayfield highway sheriff \
     denim wagon mama harvest campfire rodeo",
    "dancefloor mirrorball boogie fever glitter spotlight groove platform hustle sequins saturday strobe \
     rhythm velvet runway funk champagne inferno satin weekend",
    "block mic hustler cash rhyme concrete cipher beat respect sneakers corner verse crew struggle graffiti \
     hood chain turntable hoodie flow",
    "saxophone midnight smoke moonlight martini trumpet swing autumn cafe serenade piano taxi perfume bourbon \
     whisper lullaby avenue umbrella cigarette bebop",
    "blood steel demon thunder coffin fire war skull hell chaos sword doom raven plague throne wrath scream \
     abyss venom ashes",
    "kiss summer baby smile phone party butterfly lipstick crush radio sunshine candy selfie birthday magic \
     rainbow heartbeat sugar tonight holiday",
    "freedom island ocean unity lion zion sunrise roots babylon brother coconut justice mountain drum peace \
     nation shore river breeze children",
    "guitar rebel engine leather lightning amplifier stone stage riot gasoline motorcycle neon rage backstage \
     wheels asphalt jukebox outlaw electric roller",
];
