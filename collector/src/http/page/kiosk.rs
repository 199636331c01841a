//! The page on a screen that the next person uses too: a tablet at a counter. `?kiosk=1` asks for it, and every address on the
//! page carries it on. Such a page has no way out, keeps nothing, and starts afresh by itself.

/// Whose screen a page is shown on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::http) enum Screen {
    /// The citizen's own.
    #[default]
    Own,
    /// Everybody's.
    Kiosk,
}

impl Screen {
    /// What a link's query says.
    pub(super) fn asked(parameter: Option<&str>) -> Self {
        if parameter == Some("1") { Self::Kiosk } else { Self::Own }
    }
}
