//! Configuration: one TOML text, every key overridable by an environment variable, all mistakes reported at once.
//!
//! A program reads its keys one by one from a [`Settings`]; what is missing, wrong or unknown is gathered and told together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use toml::{Table, Value};

/// The configuration text and the environment, while they are being read.
pub struct Settings {
    table: Table,
    environment: BTreeMap<String, String>,
    read: BTreeSet<String>,
    mistakes: Vec<String>,
}

/// Everything that is wrong with a configuration. Programs print it and end with status 64 (EX_USAGE of sysexits.h).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration has mistakes:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n- {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Settings {
    /// Begins to read. Variables without the prefix `GRADIMENTO_` are not looked at.
    #[must_use]
    pub fn new(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut mistakes = Vec::new();
        let table = text.parse().unwrap_or_else(|error: toml::de::Error| {
            mistakes.push(format!("not TOML: {}", error.message()));
            Table::new()
        });
        let environment = environment.into_iter().filter(|(name, _)| name.starts_with("GRADIMENTO_")).collect();
        Self { table, environment, read: BTreeSet::new(), mistakes }
    }

    /// A text; `default` where it is not given, a mistake where there is no default either.
    pub fn text(&mut self, key: &str, default: Option<&str>) -> String {
        match self.value(key) {
            Some(Value::String(text)) => text,
            Some(_) => self.mistake(key, "must be a text"),
            None => default.map_or_else(|| self.mistake(key, "is required"), str::to_owned),
        }
    }

    /// A text that need not be there.
    pub fn optional_text(&mut self, key: &str) -> Option<String> {
        let text = self.text(key, Some(""));
        Some(text).filter(|text| !text.is_empty())
    }

    /// Something that is written as a text and has a shape of its own: an address, a code, a path.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&mut self, key: &str, default: Option<&str>) -> Option<T> {
        let mistakes_before = self.mistakes.len();
        let text = self.text(key, default);
        if self.mistakes.len() > mistakes_before {
            return None;
        }
        text.parse().map_err(|error| self.mistake::<()>(key, &format!("`{text}`: {error}"))).ok()
    }

    /// A whole number in a range.
    pub fn number(&mut self, key: &str, default: u32, range: RangeInclusive<u32>) -> u32 {
        let number = match self.value(key) {
            None => return default,
            Some(Value::Integer(number)) => u32::try_from(number).ok(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        let wrong = format!("must be a whole number from {} to {}", range.start(), range.end());
        number.filter(|number| range.contains(number)).unwrap_or_else(|| self.mistake(key, &wrong))
    }

    /// True or false.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.value(key) {
            None => default,
            Some(Value::Boolean(flag)) => flag,
            Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
            Some(_) => self.mistake(key, "must be true or false"),
        }
    }

    /// A list of tables, `[[key]]`; in the environment, an inline TOML array. Each is turned into a `T`.
    pub fn list<T: serde::de::DeserializeOwned>(&mut self, key: &str) -> Vec<T> {
        let items = match self.value(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(Value::String(text)) => self.inline_array(key, &text),
            Some(_) => self.mistake(key, "must be a list"),
        };
        let mut list = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            match item.try_into() {
                Ok(item) => list.push(item),
                Err(error) => self.mistake(&format!("{key} ({})", position + 1), error.message()),
            }
        }
        list
    }

    /// Adds a mistake that only the program can see, for example between two keys.
    pub fn mistake<T: Default>(&mut self, key: &str, what: &str) -> T {
        self.mistakes.push(format!("{key} {what}"));
        T::default()
    }

    /// Ends reading: what was given but never asked for is a mistake too.
    ///
    /// # Errors
    /// All mistakes, in the order in which they were met.
    pub fn finish(mut self) -> Result<(), Mistakes> {
        let given = keys(&self.table);
        self.mistakes.extend(given.difference(&self.read).map(|key| format!("{key} is not known")));
        let read: BTreeSet<_> = self.read.iter().map(|key| variable(key)).collect();
        let foreign = self.environment.keys().filter(|name| !read.contains(*name) && *name != "GRADIMENTO_LOG");
        self.mistakes.extend(foreign.map(|name| format!("{name} (environment) is not known")));
        if self.mistakes.is_empty() { Ok(()) } else { Err(Mistakes(self.mistakes)) }
    }

    fn value(&mut self, key: &str) -> Option<Value> {
        self.read.insert(key.to_owned());
        if let Some(text) = self.environment.get(&variable(key)) {
            return Some(Value::String(text.clone()));
        }
        match key.split_once('.') {
            Some((section, name)) => self.table.get(section)?.as_table()?.get(name).cloned(),
            None => self.table.get(key).cloned(),
        }
    }

    fn inline_array(&mut self, key: &str, text: &str) -> Vec<Value> {
        let parsed = format!("list = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("list"));
        match parsed {
            Some(Value::Array(items)) => items,
            _ => self.mistake(key, "must be an inline TOML array"),
        }
    }
}

/// The environment variable of a key: `seal.k` is `GRADIMENTO_SEAL_K`.
fn variable(key: &str) -> String {
    format!("GRADIMENTO_{}", key.replace('.', "_").to_ascii_uppercase())
}

fn keys(table: &Table) -> BTreeSet<String> {
    let of_section = |section: &str, value: &Value| match value {
        Value::Table(inner) => inner.keys().map(|name| format!("{section}.{name}")).collect(),
        _ => vec![section.to_owned()],
    };
    table.iter().flat_map(|(section, value)| of_section(section, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str, environment: &[(&str, &str)]) -> Settings {
        Settings::new(text, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let mut s = settings("[public]\nport = 1\nname = 'a'", &[("GRADIMENTO_PUBLIC_PORT", "2"), ("PATH", "/bin")]);
        assert_eq!(s.number("public.port", 9, 0..=10), 2);
        assert_eq!(s.text("public.name", None), "a");
        assert_eq!(s.number("public.other", 9, 0..=10), 9);
        assert_eq!(s.finish(), Ok(()));
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut s = settings("[a]\nn = 11\nt = 1\nextra = 2", &[("GRADIMENTO_A_TYPO", "x")]);
        s.number("a.n", 1, 0..=10);
        s.text("a.t", None);
        s.text("a.missing", None);
        let told = s.finish().unwrap_err().to_string();
        for part in ["a.n must be", "a.t must be a text", "a.missing is required", "a.extra is not known", "GRADIMENTO_A_TYPO"]
        {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn lists_come_from_the_file_or_the_environment() {
        #[derive(serde::Deserialize, Debug, PartialEq)]
        struct Item {
            id: String,
        }
        let item = |id: &str| Item { id: id.into() };
        assert_eq!(settings("[[s]]\nid = 'a'\n[[s]]\nid = 'b'", &[]).list::<Item>("s"), [item("a"), item("b")]);
        assert_eq!(settings("", &[("GRADIMENTO_S", "[{id = 'c'}]")]).list::<Item>("s"), [item("c")]);
    }
}
