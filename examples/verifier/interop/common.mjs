// What every wallet here has to do with: keys, the issuer and its credentials, the verifier that is asked.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVerifiableCredentialJwt, createVerifiablePresentationJwt } from 'did-jwt-vc'

export const TYPE = 'StaffIdentity'
export const claims = { displayName: 'Amara Example', jobTitle: 'Nurse' }
const CONTEXT = 'https://www.w3.org/2018/credentials/v1'

export const now = () => Math.floor(Date.now() / 1000)
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A key, by itself and as a did:jwk. */
export const newKey = (namedCurve = 'P-256') => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const jwk = publicKey.export({ format: 'jwk' })
  return { privateKey, jwk, alg: namedCurve === 'P-256' ? 'ES256' : 'ES256K', did: `did:jwk:${base64url(jwk)}` }
}

/** Signs bytes, as JOSE writes a signature. */
export const raw = (key) => (data) =>
  sign('sha256', Buffer.from(data), { key: key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')

const signer = (key) => ({ alg: key.alg, signer: async (data) => raw(key)(data) })

/** The issuer, which publishes its document on loopback. */
export const startIssuer = async () => {
  const issuer = newKey()
  const publisher = createServer((_, reply) => {
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({
      '@context': 'https://www.w3.org/ns/did/v1',
      id: issuer.did,
      verificationMethod: [{ id: `${issuer.did}#key-1`, type: 'JsonWebKey2020', controller: issuer.did, publicKeyJwk: issuer.jwk }],
      assertionMethod: [`${issuer.did}#key-1`],
    }))
  })
  await new Promise((done) => publisher.listen(0, '127.0.0.1', done))
  issuer.did = `did:web:localhost%3A${publisher.address().port}`
  issuer.stop = () => {
    publisher.close()
    publisher.closeAllConnections()
  }
  return issuer
}

/** A credential of this issuer's; `by` another key, where it is to be forged. */
export const issueVcJwt = (issuer, holder, { by = issuer, type = TYPE } = {}) =>
  createVerifiableCredentialJwt(
    {
      sub: holder.did,
      nbf: now() - 60,
      exp: now() + 3600,
      vc: { '@context': [CONTEXT], type: ['VerifiableCredential', type], credentialSubject: claims },
    },
    { did: issuer.did, ...signer(by) },
    { header: { kid: `${issuer.did}#key-1` } },
  )

/** A presentation of credentials for this audience and nonce. */
export const presentVcJwt = (holder, credentials, { audience, nonce, iat = now() }) =>
  createVerifiablePresentationJwt(
    {
      nbf: iat, iat, exp: iat + 300,
      vp: { '@context': [CONTEXT], type: ['VerifiablePresentation'], verifiableCredential: credentials },
    },
    { did: holder.did, ...signer(holder) },
    { domain: audience, challenge: nonce, header: { kid: `${holder.did}#0` } },
  )

/** The verifier, which trusts the issuer for these types. */
export const startVerifier = async (program, port, issuer, types) => {
  const origin = `http://localhost:${port}`
  const data = mkdtempSync(join(tmpdir(), 'verifier-interop-'))
  writeFileSync(join(data, 'policy.toml'), `[[issuer]]\nid = "${issuer.did}"\nmay_assert = ${JSON.stringify(types)}\n`)
  const server = spawn(program, [
    '--listen', `127.0.0.1:${port}`, '--public-url', origin, '--allow-loopback-http',
    '--policy', join(data, 'policy.toml'), '--data-dir', join(data, 'data'),
  ], { stdio: ['ignore', 'ignore', 'inherit'] })
  const post = async (path, body) => {
    const reply = await fetch(`${origin}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return { status: reply.status, body: await reply.json() }
  }
  const verifier = {
    origin,
    post,
    authority: join(data, 'data', 'ca.pem'),
    ask: async (body) => {
      const made = await post('/requests', body)
      assert.equal(made.status, 201, JSON.stringify(made.body))
      return made.body
    },
    show: async (id) => (await fetch(`${origin}/requests/${id}`)).json(),
    stop: () => {
      server.kill()
      rmSync(data, { recursive: true })
    },
  }
  for (let tries = 0; ; tries++) {
    if (await fetch(`${origin}/openapi.json`).then(() => true, () => false)) return verifier
    if (tries === 100) {
      verifier.stop()
      assert.fail('the verifier does not answer')
    }
    await new Promise((done) => setTimeout(done, 100))
  }
}

/** The codes of what failed. */
export const failed = ({ report }) => (report?.checks ?? []).map(({ outcome }) => outcome.failed).filter(Boolean)
