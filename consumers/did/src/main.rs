//! Resolves a DID that needs no fetching, and says where the document of another is.
use staffpass_did::{Did, LoopbackHttp, ResolveOptions, resolve_in_place, web};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let did: Did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp".parse()?;
    let document = resolve_in_place(&did, &ResolveOptions::default())?.ok_or("needs fetching")?;
    let method =
        document.method(&format!("{did}#z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"));
    println!("its own key: {:?}", method.ok_or("no such key")?.relationships());

    let did: Did = "did:web:trust.example:staff".parse()?;
    println!("fetch {}", web::document_url(&did, LoopbackHttp::Refuse)?);
    Ok(())
}
