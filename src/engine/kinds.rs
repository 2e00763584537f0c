//! The table of a room's kinds: one line a kind, and everything else follows from it.

/// What a table says of one kind.
#[derive(Clone, Copy, Debug)]
pub struct KindLine {
    /// The tag in the experiment file.
    pub name: &'static str,
    /// The body of its table in TOML: an example that parses.
    pub example: &'static str,
    /// Its documentation.
    pub about: &'static str,
}

/// Declares the kinds of a room as an externally tagged enum that is its trait's object:
///
/// ```text
/// kinds! {
///     /// Every clusterer an experiment may ask for.
///     pub enum Algorithm: dyn Clusterer {
///         "kmeans" => KMeans(kmeans::KMeans), "k-means with k-means++ starts"
///     }
/// }
/// ```
///
/// Each kind is a settings struct with serde, schemars and `const EXAMPLE: &str`, and implements the trait.
#[macro_export]
macro_rules! kinds {
    ($(#[$meta:meta])* pub enum $Kinds:ident: dyn $Worker:path { $($name:literal => $Variant:ident($Settings:path), $about:literal)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $Kinds {
            $(
                #[doc = $about]
                #[serde(rename = $name)]
                $Variant($Settings),
            )+
        }

        impl $Kinds {
            /// Every kind of this table.
            pub const TABLE: &'static [$crate::engine::kinds::KindLine] = &[
                $($crate::engine::kinds::KindLine { name: $name, example: <$Settings>::EXAMPLE, about: $about },)+
            ];

            /// The tag in the experiment file.
            pub fn name(&self) -> &'static str {
                match self {
                    $($Kinds::$Variant(_) => $name,)+
                }
            }
        }

        impl std::ops::Deref for $Kinds {
            type Target = dyn $Worker;
            fn deref(&self) -> &Self::Target {
                match self {
                    $($Kinds::$Variant(settings) => settings,)+
                }
            }
        }
    };
}

/// Declares kinds that stand side by side as a struct of options (`[features.audio]` with `mfcc` and `log_mel` in it),
/// with the settings that they share before them:
///
/// ```text
/// kind_set! {
///     /// `[features.audio]`
///     pub struct AudioFeatures: dyn Feature {
///         shared {
///             /// Sampling rate in Hz.
///             rate_hz: u32 = 22_050;
///         }
///         mfcc(mfcc::Mfcc), "cepstral coefficients"
///     }
/// }
/// ```
#[macro_export]
macro_rules! kind_set {
    ($(#[$meta:meta])* pub struct $Set:ident: dyn $Worker:path {
        shared { $($(#[$shared_meta:meta])* $shared:ident: $Shared:ty = $default:expr;)* }
        $($kind:ident($Settings:path), $about:literal)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $Set {
            $($(#[$shared_meta])* pub $shared: $Shared,)*
            $(
                #[doc = $about]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $kind: Option<$Settings>,
            )+
        }

        impl Default for $Set {
            fn default() -> $Set {
                $Set { $($shared: $default,)* $($kind: None,)+ }
            }
        }

        impl $Set {
            /// Every kind of this table.
            pub const TABLE: &'static [$crate::engine::kinds::KindLine] = &[
                $($crate::engine::kinds::KindLine { name: stringify!($kind), example: <$Settings>::EXAMPLE, about: $about },)+
            ];

            /// The kinds that are asked for, in the order of the table.
            pub fn chosen(&self) -> Vec<(&'static str, &dyn $Worker)> {
                let mut chosen: Vec<(&'static str, &dyn $Worker)> = Vec::new();
                $(if let Some(settings) = &self.$kind { chosen.push((stringify!($kind), settings)); })+
                chosen
            }

            /// The settings of one kind as JSON.
            pub fn settings_of(&self, kind: &str) -> serde_json::Value {
                match kind {
                    $(stringify!($kind) => serde_json::json!(self.$kind),)+
                    _ => serde_json::Value::Null,
                }
            }
        }
    };
}
