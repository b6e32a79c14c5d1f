//! Which folders there are, and which of them is for sent mail, drafts and so on: by what the server says
//! (SPECIAL-USE, RFC 6154), then by the names that mail programs and providers give them. Changes no folder.

use imap_proto::types::{MailboxDatum, NameAttribute, Response};

use crate::parse::wash_line;

use super::command::Command;
use super::quote::{Mailbox, decode_modified_utf7, unescape};
use super::session::Connection;
use super::{Fault, FaultKind};

/// What a folder is for (RFC 6154, 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecialUse {
    /// Mail put away.
    Archive,
    /// Mail not yet sent.
    Drafts,
    /// Mail that is unwanted.
    Junk,
    /// Copies of mail that was sent.
    Sent,
    /// Mail to be deleted.
    Trash,
}

/// A folder on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its full name, decoded and washed.
    pub name: String,
    /// What stands between the levels of its name, if there are levels.
    pub delimiter: Option<char>,
    /// What the server says it is for.
    pub special: Option<SpecialUse>,
    /// Whether it can hold messages.
    pub selectable: bool,
}

impl Folder {
    /// The last level of its name.
    pub fn base_name(&self) -> &str {
        self.delimiter.and_then(|delimiter| self.name.rsplit(delimiter).next()).unwrap_or(&self.name)
    }
}

impl SpecialUse {
    /// Names in small letters, the surest first: what servers and mail programs make by themselves, in English
    /// and in the languages that Outlook, Thunderbird, Apple Mail and webmail are used in most.
    fn well_known(self) -> impl Iterator<Item = &'static str> {
        let names = match self {
            Self::Archive => {
                "archive, archives, all mail, archiv, archivio, archivo, archief, arkiv, arkisto, archiwum, \
                 arquivo, архив, архів"
            }
            Self::Drafts => {
                "drafts, draft, entwürfe, brouillons, borradores, bozze, concepten, rascunhos, kopie robocze, \
                 wersje robocze, szkice, utkast, kladder, luonnokset, koncepty, черновики, чернетки"
            }
            Self::Junk => {
                "junk, spam, junk email, junk e-mail, junk-e-mail, bulk mail, indésirables, courrier indésirable, \
                 correo no deseado, posta indesiderata, ongewenste e-mail, lixo eletrônico, wiadomości-śmieci, \
                 skräppost, uønsket, søppelpost, roskaposti, nevyžádaná pošta, спам"
            }
            Self::Sent => {
                "sent, sent items, sent mail, sent messages, gesendet, gesendete elemente, gesendete objekte, \
                 gesendete nachrichten, envoyés, éléments envoyés, messages envoyés, enviados, elementos enviados, \
                 mensajes enviados, inviata, posta inviata, inviati, verzonden, verzonden items, \
                 verzonden berichten, itens enviados, mensagens enviadas, wysłane, elementy wysłane, skickat, \
                 skickade, sendt, sendte elementer, lähetetyt, odeslané, odeslaná pošta, odoslané, elküldött, \
                 trimise, отправленные, надіслані"
            }
            Self::Trash => {
                "trash, deleted items, deleted messages, bin, deleted, papierkorb, gelöscht, gelöschte elemente, \
                 gelöschte objekte, corbeille, éléments supprimés, papelera, elementos eliminados, cestino, \
                 posta eliminata, prullenbak, verwijderde items, lixeira, itens excluídos, kosz, \
                 elementy usunięte, papperskorg, borttaget, papirkurv, slettede elementer, roskakori, koš, \
                 корзина, кошик"
            }
        };
        names.split(", ")
    }

    fn of(attribute: &NameAttribute<'_>) -> Option<Self> {
        match attribute {
            NameAttribute::Archive => Some(Self::Archive),
            NameAttribute::Drafts => Some(Self::Drafts),
            NameAttribute::Junk => Some(Self::Junk),
            NameAttribute::Sent => Some(Self::Sent),
            NameAttribute::Trash => Some(Self::Trash),
            _ => None,
        }
    }

    /// The folder for it: the one that the server marks, else the one with the surest name, the least deep.
    fn find(self, folders: &[Folder]) -> Option<&Folder> {
        let usable = || folders.iter().filter(|folder| folder.selectable);
        let named = || {
            let rank = |folder: &&Folder| {
                let name = folder.base_name().to_lowercase();
                let place = self.well_known().position(|known| known == name)?;
                let depth = folder.delimiter.map_or(0, |delimiter| folder.name.matches(delimiter).count());
                Some((place, depth))
            };
            usable().filter(|folder| rank(folder).is_some()).min_by_key(rank)
        };
        usable().find(|folder| folder.special == Some(self)).or_else(named)
    }
}

impl Connection {
    /// All folders, in the server's order.
    pub fn folders(&mut self) -> Result<Vec<Folder>, Fault> {
        let ask = self.has_capability("SPECIAL-USE") && self.has_capability("LIST-EXTENDED");
        let answer = self.run(&Command::list(ask))?;
        let mut folders = Vec::new();
        for (raw, response) in answer.responses() {
            if let Response::MailboxData(MailboxDatum::List { name_attributes, delimiter, name }) = response {
                // imap-proto leaves the escapes in a quoted name; an atom or a literal has none.
                let literal = raw.windows(3).any(|window| window == b"}\r\n");
                let quoted = !literal && raw.ends_with(b"\"\r\n");
                let wire = if quoted { unescape(&name) } else { name.into_owned() };
                folders.push(self.folder(&name_attributes, delimiter.as_deref(), &wire));
            }
        }
        Ok(folders)
    }

    fn folder(&mut self, attributes: &[NameAttribute<'_>], delimiter: Option<&str>, wire: &str) -> Folder {
        let name = wash_line(&decode_modified_utf7(wire).unwrap_or_else(|| wire.to_owned()));
        // Where what people see does not lead back to what the server wrote, the way back is remembered.
        if let Some(mailbox) = Mailbox::from_wire(wire)
            && Mailbox::new(&name).as_ref() != Ok(&mailbox)
        {
            self.remember_name(name.clone(), mailbox);
        }
        let not_there = |attribute: &NameAttribute<'_>| match attribute {
            NameAttribute::NoSelect => true,
            // RFC 5258, 3.1
            NameAttribute::Extension(other) => other.eq_ignore_ascii_case("\\NonExistent"),
            _ => false,
        };
        Folder {
            name,
            delimiter: delimiter.and_then(|delimiter| unescape(delimiter).chars().next()),
            special: attributes.iter().find_map(SpecialUse::of),
            selectable: !attributes.iter().any(not_there),
        }
    }

    /// The folder for a use, if there is one.
    pub fn special(&mut self, wanted: SpecialUse) -> Result<Option<Folder>, Fault> {
        Ok(wanted.find(&self.folders()?).cloned())
    }

    /// Makes a folder, and subscribes to it where the server lets us, so that other mail programs show it.
    pub fn create(&mut self, folder: &str) -> Result<(), Fault> {
        let mailbox = self.mailbox(folder)?;
        self.run(&Command::create(&mailbox))?;
        match self.run(&Command::subscribe(&mailbox)) {
            Err(fault) if fault.kind != FaultKind::Refused => Err(fault),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, special: Option<SpecialUse>, selectable: bool) -> Folder {
        Folder { name: name.to_owned(), delimiter: Some('/'), special, selectable }
    }

    #[test]
    fn a_special_folder_is_known_by_mark_then_by_name() {
        let rows: [(&[Folder], Option<&str>); 7] = [
            (&[folder("Sent", None, true), folder("Post", Some(SpecialUse::Sent), true)], Some("Post")),
            (
                &[folder("Sent", Some(SpecialUse::Sent), false), folder("Gesendet", None, true)],
                Some("Gesendet"),
            ),
            (&[folder("Old/Sent", None, true), folder("Sent", None, true)], Some("Sent")),
            (&[folder("Sent Items", None, true), folder("SENT", None, true)], Some("SENT")),
            (&[folder("[Gmail]/Sent Mail", None, true)], Some("[Gmail]/Sent Mail")),
            (&[folder("Éléments envoyés", None, true)], Some("Éléments envoyés")),
            (&[folder("Sent letters", None, true), folder("Sent/2024", None, true)], None),
        ];
        for (folders, wanted) in rows {
            assert_eq!(SpecialUse::Sent.find(folders).map(|f| f.name.as_str()), wanted);
        }
    }
}
