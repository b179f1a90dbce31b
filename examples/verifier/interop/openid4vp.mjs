// Wallets of other makes present to the verifier: the npm packages @openid4vc/openid4vp (the protocol), dcql (what is
// asked), @sd-jwt/sd-jwt-vc and did-jwt-vc (the two formats), jose (encryption). Valid and invalid.

import assert from 'node:assert/strict'
import { createHash, createPublicKey, randomBytes, verify, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { clientAuthenticationAnonymous } from '@openid4vc/oauth2'
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { setGlobalConfig } from '@openid4vc/utils'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { DcqlQuery } from 'dcql'
import { CompactEncrypt, importJWK } from 'jose'
import { claims, failed, issueVcJwt, newKey, now, presentVcJwt, raw, startIssuer, startVerifier, TYPE } from './common.mjs'

const [program] = process.argv.slice(2)
const VCT = 'https://credentials.example/identity'

// Their library refuses plain http unless it is told.
setGlobalConfig({ allowInsecureUrls: true })

const issuer = await startIssuer()
const verifier = await startVerifier(program, 8098, issuer, [TYPE, VCT])
const { origin, post, show } = verifier

const isSigned = (compact, jwkOrKey) => {
  const key = jwkOrKey.kty ? createPublicKey({ key: jwkOrKey, format: 'jwk' }) : jwkOrKey
  const [header, payload, signature] = compact.split('.')
  return verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
}

/** Their SD-JWT library, with the keys of issuer and holder. */
const sdJwt = (holder, by = issuer) =>
  new SDJwtVcInstance({
    signer: raw(by),
    signAlg: 'ES256',
    kbSigner: raw(holder),
    kbSignAlg: 'ES256',
    hasher: (data, alg) => createHash(alg.replace('-', '')).update(typeof data === 'string' ? data : Buffer.from(data)).digest(),
    hashAlg: 'sha-256',
    saltGenerator: () => randomBytes(16).toString('base64url'),
  })

const issueSdJwt = (holder, by) =>
  sdJwt(holder, by).issue(
    { iss: issuer.did, iat: now() - 60, exp: now() + 3600, vct: VCT, cnf: { jwk: holder.jwk }, ...claims },
    { _sd: ['displayName', 'jobTitle'] },
    { header: { kid: `${issuer.did}#key-1` } },
  )

/** Their protocol library. Whoever asks is believed only by the key that belongs to the client identifier. */
const client = new Openid4vpClient({
  callbacks: {
    fetch,
    hash: (bytes, alg) => createHash(alg.replace('-', '')).update(bytes).digest(),
    generateRandom: (count) => randomBytes(count),
    clientAuthentication: clientAuthenticationAnonymous(),
    decryptJwe: () => assert.fail('nothing is encrypted to the wallet'),
    signJwt: () => assert.fail('the answer is not signed as a whole'),
    getX509CertificateMetadata: (certificate) => {
      const names = (new X509Certificate(Buffer.from(certificate, 'base64')).subjectAltName ?? '').split(', ')
      const of = (kind) => names.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1))
      return { sanDnsNames: of('DNS'), sanUriNames: of('URI') }
    },
    verifyJwt: async (signer, { compact }) => {
      if (signer.method === 'x5c') {
        const leaf = new X509Certificate(Buffer.from(signer.x5c[0], 'base64'))
        const anchor = new X509Certificate(readFileSync(verifier.authority))
        assert.ok(leaf.verify(anchor.publicKey), 'the leaf is the authority\'s')
        return { verified: isSigned(compact, leaf.publicKey), signerJwk: leaf.publicKey.export({ format: 'jwk' }) }
      }
      assert.equal(signer.method, 'did')
      const document = await (await fetch(`${origin}/.well-known/did.json`)).json()
      const fragment = signer.didUrl.slice(signer.didUrl.indexOf('#'))
      assert.equal(document.id, signer.didUrl.split('#')[0])
      const method = document.verificationMethod.find(({ id }) => id === fragment || id === signer.didUrl)
      return { verified: isSigned(compact, method.publicKeyJwk), signerJwk: method.publicKeyJwk }
    },
    encryptJwe: async (encryptor, plaintext) => {
      const jwe = await new CompactEncrypt(Buffer.from(plaintext))
        .setProtectedHeader({ alg: encryptor.alg, enc: encryptor.enc, kid: encryptor.publicJwk.kid })
        .encrypt(await importJWK(encryptor.publicJwk, encryptor.alg))
      return { jwe, encryptionJwk: encryptor.publicJwk }
    },
  },
})

const ask = (format, more = {}) => ({
  dialect: 'openid4vp',
  format,
  credentials: [{ id: 'identity', ...(format === 'dc+sd-jwt' ? { vct: VCT } : { type: TYPE }), claims: ['displayName'] }],
  ...more,
})

/** Reads a request as the wallet does, to what it asks. */
const read = async (link) => {
  const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link })
  return client.resolveOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: parsed.params,
    wallet: { metadata: { vp_formats_supported: { 'dc+sd-jwt': {}, jwt_vc_json: {} } }, nonce: randomBytes(16).toString('base64url') },
  })
}

/** What the wallet holds, as their query library wants it. */
const held = (format) =>
  format === 'dc+sd-jwt'
    ? { credential_format: 'dc+sd-jwt', vct: VCT, claims, cryptographic_holder_binding: true }
    : { credential_format: 'jwt_vc_json', type: ['VerifiableCredential', TYPE], claims: { credentialSubject: claims }, cryptographic_holder_binding: true }

/** Each query id that their library finds answered. */
const chosen = (query, format) => {
  const parsed = DcqlQuery.parse(query)
  DcqlQuery.validate(parsed)
  const result = DcqlQuery.query(parsed, [held(format)])
  assert.ok(result.canBeSatisfied ?? result.can_be_satisfied, JSON.stringify(result))
  return parsed.credentials.map(({ id }) => id)
}

/** A presentation for a request; `wrong` changes what it is made for. */
const present = async (format, { client_id: audience, nonce }, wrong = {}) => {
  const holder = wrong.holder ?? newKey()
  const made = { audience, nonce, iat: now(), ...wrong }
  if (format === 'dc+sd-jwt') {
    const credential = await issueSdJwt(wrong.boundTo ?? holder, wrong.by)
    return sdJwt(holder).present(credential, { displayName: true }, {
      kb: { payload: { aud: made.audience, nonce: made.nonce, iat: made.iat } },
    })
  }
  const credential = await issueVcJwt(issuer, wrong.boundTo ?? holder, { by: wrong.by })
  return presentVcJwt(holder, [credential], made)
}

/** What a wallet of the drafts answers: a presentation, and where in it each descriptor is met. */
const draftAnswer = async (request, wrong) => {
  const { presentation_definition: definition } = request.pex
  const [{ id, constraints }] = definition.input_descriptors
  assert.equal(constraints.fields[0].filter.contains.const, TYPE)
  return {
    vp_token: await present('jwt_vc_json', request.authorizationRequestPayload, wrong),
    presentation_submission: {
      id: 'submission-1',
      definition_id: definition.id,
      descriptor_map: [{
        id, format: 'jwt_vp_json', path: '$',
        path_nested: { id, format: 'jwt_vc_json', path: '$.vp.verifiableCredential[0]' },
      }],
    },
  }
}

/** Their library writes the answer, encrypts it where that is asked, and posts it. */
const answer = async (request, parameters) => {
  const encrypted = request.authorizationRequestPayload.response_mode === 'direct_post.jwt'
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request.authorizationRequestPayload,
    authorizationResponsePayload: parameters,
    jarm: encrypted
      ? {
          encryption: { nonce: randomBytes(16).toString('base64url') },
          serverMetadata: {
            authorization_signing_alg_values_supported: [],
            authorization_encryption_alg_values_supported: ['ECDH-ES'],
            authorization_encryption_enc_values_supported: ['A256GCM', 'A128GCM'],
          },
        }
      : undefined,
  })
  const submitted = await client.submitOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request.authorizationRequestPayload,
    authorizationResponsePayload: response.authorizationResponsePayload,
    jarm: response.jarm ? { responseJwt: response.jarm.responseJwt } : undefined,
  })
  return { status: submitted.response.status, text: await submitted.response.clone().text() }
}

const share = async (body, format, wrong) => {
  const { id: made, link } = await verifier.ask(body)
  const request = await read(link)
  if (request.pex) return { id: made, request, ...(await answer(request, await draftAnswer(request, wrong))) }
  const vpToken = {}
  for (const id of chosen(request.dcql.query, format)) {
    vpToken[id] = [await present(format, request.authorizationRequestPayload, wrong)]
  }
  return { id: made, request, ...(await answer(request, { vp_token: vpToken })) }
}

try {
  const asks = []
  for (const format of ['jwt_vc_json', 'dc+sd-jwt']) {
    for (const response_mode of ['direct_post', 'direct_post.jwt']) {
      for (const client_id_prefix of ['decentralized_identifier', 'x509_san_dns', 'x509_hash']) {
        for (const request_uri_method of ['get', 'post']) {
          asks.push([format, ask(format, { response_mode, client_id_prefix, request_uri_method })])
        }
      }
      asks.push([format, ask(format, { response_mode, client_id_prefix: 'redirect_uri' })])
    }
  }
  asks.push(['dc+sd-jwt', ask('dc+sd-jwt', { dialect: 'haip' })])
  asks.push(['jwt_vc_json', ask('jwt_vc_json', { dialect: 'openid4vp_draft_pe' })])
  for (const [format, body] of asks) {
    const about = JSON.stringify(body)
    const { id, status } = await share(body, format)
    const shown = await show(id)
    assert.equal(status, 200, `${about} ${JSON.stringify(failed(shown))}`)
    assert.equal(shown.status, 'verified', about)
    assert.equal(shown.credentials[0].claims.displayName, 'Amara Example')
    if (format === 'dc+sd-jwt') assert.equal(shown.credentials[0].claims.jobTitle, undefined, 'it was not asked for')
  }

  let refused = 0
  for (const format of ['jwt_vc_json', 'dc+sd-jwt']) {
    const holder = newKey()
    const wrongs = [
      ['nonce_mismatch', { nonce: randomBytes(16).toString('base64url') }],
      ['audience_mismatch', { audience: 'https://another.example' }],
      ['too_old', { iat: now() - 365 * 86400 }],
      ['signature_invalid', { by: newKey() }],
      [format === 'dc+sd-jwt' ? 'signature_invalid' : 'holder_binding', { holder, boundTo: newKey() }],
    ]
    for (const [code, wrong] of wrongs) {
      const ways = [{ response_mode: 'direct_post' }, { response_mode: 'direct_post.jwt' }]
      if (format === 'jwt_vc_json') ways.push({ dialect: 'openid4vp_draft_pe' })
      for (const way of ways) {
        const { id, status, text } = await share(ask(format, way), format, wrong)
        assert.equal(status, 400, `${format} ${code}`)
        assert.deepEqual(JSON.parse(text), { error: 'invalid_request' })
        const shown = await show(id)
        assert.equal(shown.status, 'refused')
        assert.deepEqual(shown.credentials, [])
        const outcomes = failed(shown)
        // A presentation that ended long ago is too old or over, whichever is looked at first.
        const codes = code === 'too_old' ? ['too_old', 'expired'] : [code]
        assert.ok(outcomes.some((outcome) => codes.includes(outcome)), `${format} ${code} ${outcomes}`)
        refused++
      }
    }
  }

  // On the same device the wallet leads the person back, and a good answer counts once.
  const body = ask('dc+sd-jwt', { flow: 'same_device', return_url: `${origin}/back` })
  const { id, text, request } = await share(body, 'dc+sd-jwt')
  assert.equal((await show(id)).status, 'awaiting_return')
  const code = new URL(JSON.parse(text).redirect_uri).searchParams.get('response_code')
  assert.equal((await post(`/requests/${id}/return`, { response_code: code })).body.status, 'verified')
  const again = await answer(request, {
    vp_token: { identity: [await present('dc+sd-jwt', request.authorizationRequestPayload)] },
  })
  assert.equal(again.status, 400)

  console.log(`@openid4vc/openid4vp, dcql, did-jwt-vc, @sd-jwt/sd-jwt-vc (npm): ${asks.length} ways to ask were answered, ${refused} faults refused`)
} finally {
  verifier.stop()
  issuer.stop()
}
