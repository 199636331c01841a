//! Who takes part in the demo.

use gradimento_aggregator::registry::Agency;
use gradimento_common::message::ServiceKind;

use crate::Failure;

/// A public body with its services.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) territory: &'static str,
    pub(crate) fiscal_code: Option<&'static str>,
    pub(crate) services: Vec<DemoService>,
}

/// One of its services.
#[derive(Debug, Clone)]
pub(crate) struct DemoService {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: ServiceKind,
}

impl DemoService {
    pub(crate) fn new(id: &str, name: &str, kind: ServiceKind) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), kind }
    }
}

impl Body {
    /// The body as the aggregator's register has it.
    pub(crate) fn agency(&self) -> Result<Agency, Failure> {
        Ok(Agency {
            code: self.code.parse()?,
            name: self.name.clone(),
            category: self.category.clone(),
            territory: self.territory.to_owned(),
            fiscal_code: self.fiscal_code.map(str::to_owned),
        })
    }
}

/// The three bodies of the pilot of September 2022.
pub(crate) fn pilot() -> Vec<Body> {
    let body = |code: &str, name: &str, category: &str, territory, fiscal_code, services: &[(&str, &str, ServiceKind)]| Body {
        code: code.to_owned(),
        name: name.to_owned(),
        category: category.to_owned(),
        territory,
        fiscal_code: Some(fiscal_code),
        services: services.iter().map(|(id, name, kind)| DemoService::new(id, name, *kind)).collect(),
    };
    let (transaction, page) = (ServiceKind::Transaction, ServiceKind::InformationPage);
    vec![
        body(
            "inps",
            "INPS",
            "C16",
            "IT",
            "80078750587",
            &[("pensioni-online", "Domanda di pensione online", transaction), ("sito", "Informazioni sul sito", page)],
        ),
        body("inail", "INAIL", "C16", "IT", "01165400589", &[("denuncia-infortunio", "Denuncia di infortunio", transaction)]),
        body(
            "c_h501",
            "Roma Capitale",
            "L6",
            "058091",
            "02438750586",
            &[("anagrafe-online", "Anagrafe online", transaction), ("sito", "Informazioni sul sito", page)],
        ),
    ]
}
