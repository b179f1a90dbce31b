// A wallet of another make in the Microsoft dialect: the npm package @sphereon/did-auth-siop, as an OpenID provider
// of the JWT VC Presentation Profile, with its Presentation Exchange. Valid and invalid.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import siop from '@sphereon/did-auth-siop'
import { claims, failed, issueVcJwt, newKey, presentVcJwt, raw, startIssuer, startVerifier, TYPE } from './common.mjs'

const { CheckLinkedDomain, OP, PassBy, PresentationExchange, ResponseIss, SigningAlgo, SupportedVersion, VPTokenLocation } = siop
const [program] = process.argv.slice(2)
const TYPES = [TYPE, 'StaffEmployment']

const issuer = await startIssuer()
const verifier = await startVerifier(program, 8097, issuer, TYPES)

/** Whom they ask for a document: did:jwk stands for itself, did:web is on loopback here. */
const resolve = async (url) => {
  const did = url.split('#')[0]
  const [, method, rest] = did.split(':')
  if (method === 'web') {
    const reply = await fetch(`http://${decodeURIComponent(rest)}/.well-known/did.json`)
    return { didDocument: await reply.json(), didResolutionMetadata: {}, didDocumentMetadata: {} }
  }
  assert.equal(method, 'jwk')
  const key = { id: `${did}#0`, type: 'JsonWebKey2020', controller: did, publicKeyJwk: JSON.parse(Buffer.from(rest, 'base64url')) }
  const didDocument = { id: did, verificationMethod: [key], authentication: [key.id], assertionMethod: [key.id] }
  return { didDocument, didResolutionMetadata: {}, didDocumentMetadata: {} }
}

const provider = (holder) =>
  OP.builder()
    .withExpiresIn(600)
    .withIssuer(ResponseIss.JWT_VC_PRESENTATION_V1)
    .withSuppliedSignature(async (data) => raw(holder)(data), holder.did, `${holder.did}#0`, SigningAlgo[holder.alg])
    .withSupportedVersions([SupportedVersion.JWT_VC_PRESENTATION_PROFILE_v1])
    .withCustomResolver({ resolve })
    .withCheckLinkedDomain(CheckLinkedDomain.NEVER)
    .withRegistration({ passBy: PassBy.VALUE, subject_syntax_types_supported: ['did:jwk', 'did:web'] })
    .build()

/** Their library dates an ID token 60,000 seconds back, where it means 60: with its clock that much ahead it is right. */
const dated = async (make) => {
  const clock = Date.now
  Date.now = () => clock() + 59_940_000
  return make().finally(() => (Date.now = clock))
}

/** Their library reads the request, chooses, and says where in the presentation each credential is. */
const share = async (types, wrong = {}) => {
  const credentials = types.map((type) => ({ id: type.toLowerCase(), type, claims: ['displayName'] }))
  const { id, link } = await verifier.ask({ dialect: 'microsoft', credentials })
  const holder = wrong.holder ?? newKey()
  const wallet = provider(wrong.idTokenBy ?? holder)
  const request = await wallet.verifyAuthorizationRequest(link)
  assert.ok(request.versions.includes(SupportedVersion.JWT_VC_PRESENTATION_PROFILE_v1))
  const [{ definition }] = request.presentationDefinitions

  const held = await Promise.all(types.map((type) => issueVcJwt(issuer, wrong.boundTo ?? holder, { type, by: wrong.by })))
  const exchange = new PresentationExchange({ allDIDs: [(wrong.boundTo ?? holder).did], allVerifiableCredentials: held })
  const { verifiableCredential: selected } = await exchange.selectVerifiableCredentialsForSubmission(definition)
  assert.equal(selected.length, types.length, 'each credential answers its own part')
  const { client_id: audience, nonce } = request.payload
  const sign = () => presentVcJwt(holder, selected, { audience, nonce, ...wrong })
  const options = { proofOptions: { nonce, domain: audience } }
  const made = await exchange.createVerifiablePresentation(definition, selected, sign, options)
  const { presentationSubmission, verifiablePresentation } = made

  const answer = () => wallet.createAuthorizationResponse(request, {
    presentationExchange: {
      verifiablePresentations: [verifiablePresentation], presentationSubmission, vpTokenLocation: VPTokenLocation.ID_TOKEN,
    },
  })
  const response = await (wrong.asItIs ? answer() : dated(answer))
  const status = await wallet.submitAuthorizationResponse(response).then((reply) => reply.status, () => 'refused')
  return { status, shown: await verifier.show(id) }
}

try {
  let answered = 0
  for (const curve of ['P-256', 'secp256k1']) {
    for (const types of [[TYPE], TYPES]) {
      const { status, shown } = await share(types, { holder: newKey(curve) })
      assert.deepEqual([status, failed(shown)], [200, []])
      assert.equal(shown.status, 'verified')
      assert.deepEqual(shown.credentials.map(({ id }) => id).sort(), types.map((type) => type.toLowerCase()).sort())
      assert.equal(shown.credentials[0].claims.displayName, claims.displayName)
      answered++
    }
  }

  const wrongs = [
    ['nonce_mismatch', { nonce: randomBytes(16).toString('base64url') }],
    ['audience_mismatch', { audience: 'did:web:another.example' }],
    ['signature_invalid', { by: newKey() }],
    ['holder_binding', { boundTo: newKey() }],
    ['holders_differ', { idTokenBy: newKey() }],
    ['too_old', { asItIs: true }],
  ]
  for (const [code, wrong] of wrongs) {
    const { status, shown } = await share([TYPE], wrong)
    assert.deepEqual([status, shown.status, shown.credentials], ['refused', 'refused', []], code)
    assert.ok(failed(shown).includes(code), `${code}: ${failed(shown)}`)
  }

  console.log(`@sphereon/did-auth-siop (npm), Microsoft dialect: ${answered} ways were answered, ${wrongs.length} faults refused`)
} finally {
  verifier.stop()
  issuer.stop()
}
