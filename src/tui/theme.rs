//! Few colours, by meaning. Nothing is said by colour alone: each has its word or sign beside it.

use ratatui::style::{Color, Modifier, Style};

use crate::triage::Concern;

/// The styles of the screen.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colour: bool,
}

impl Theme {
    /// Colours of the terminal's own palette, so that its light or dark background holds; none with
    /// `colour` off (`NO_COLOR`, see no-color.org).
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    fn painted(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// The name of the program, headings.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What may be read later.
    pub fn quiet(self) -> Style {
        if self.colour { Style::new().fg(Color::DarkGray) } else { Style::new() }
    }

    /// Something went wrong or needs care.
    pub fn bad(self) -> Style {
        self.painted(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Something went well.
    pub fn good(self) -> Style {
        self.painted(Color::Green)
    }

    /// The row under the cursor.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// A key in the footer.
    pub fn key(self) -> Style {
        self.painted(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// The word of a concern.
    pub fn concern(self, concern: Concern) -> Style {
        let colour = match concern {
            Concern::Emergency => Color::Red,
            Concern::Refund => Color::Magenta,
            Concern::Complaint => Color::Yellow,
            Concern::Unusual => Color::Blue,
        };
        self.painted(colour).add_modifier(Modifier::BOLD)
    }

    /// The words of a message that speak for a concern.
    pub fn evidence(self, concern: Concern) -> Style {
        self.concern(concern).add_modifier(Modifier::UNDERLINED)
    }
}
