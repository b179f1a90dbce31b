// A wallet of another make (the npm package @openid4vc/openid4vci) receives credentials from the issuer.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientAuthenticationAnonymous } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { setGlobalConfig } from '@openid4vc/utils'

const [program, claims] = process.argv.slice(2)
const origin = 'http://127.0.0.1:8097'
const data = mkdtempSync(join(tmpdir(), 'issuer-interop-'))
const shared = ['--data-dir', data, '--public-url', origin, '--allow-loopback-http']

// Their library refuses plain http unless it is told.
setGlobalConfig({ allowInsecureUrls: true })

/** Runs a command of the issuer: what it printed, out and errors. */
const run = (...command) => {
  const script = `"$0" "$@" 2>"${data}/errors"`
  const out = execFileSync('sh', ['-c', script, program, ...command, ...shared]).toString().trim()
  return { out, errors: execFileSync('cat', [`${data}/errors`]).toString() }
}

const offer = (...more) => {
  const { out, errors } = run('offer', '--kind', 'training', '--claims', claims, ...more)
  return { link: out, txCode: errors.match(/channel: (\d{6})/)?.[1] }
}

const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, jwk: publicKey.export({ format: 'jwk' }) }
}
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

const client = (key) =>
  new Openid4vciClient({
    callbacks: {
      fetch,
      hash: (bytes, alg) => createHash(alg.replace('-', '')).update(bytes).digest(),
      generateRandom: (count) => randomBytes(count),
      clientAuthentication: clientAuthenticationAnonymous(),
      verifyJwt: () => assert.fail('nothing of this flow is a JWT of the issuer'),
      signJwt: (signer, { header, payload }) => {
        const input = `${base64url(header)}.${base64url(payload)}`
        const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
        return { jwt: `${input}.${signature.toString('base64url')}`, signerJwk: key.jwk }
      },
    },
  })

const receive = async ({ link, txCode }, key, signer) => {
  const wallet = client(key)
  const credentialOffer = await wallet.resolveCredentialOffer(link)
  const issuerMetadata = await wallet.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const shared = { credentialOffer, issuerMetadata }
  const { accessTokenResponse } = await wallet.retrievePreAuthorizedCodeAccessTokenFromOffer({ ...shared, txCode })
  const [credentialConfigurationId] = credentialOffer.credential_configuration_ids
  const { c_nonce } = await wallet.requestNonce({ issuerMetadata })
  const { jwt } = await wallet.createCredentialRequestJwtProof({
    issuerMetadata, credentialConfigurationId, signer, nonce: c_nonce, issuedAt: new Date(),
  })
  const { credentialResponse } = await wallet.retrieveCredentials({
    issuerMetadata, credentialConfigurationId, accessToken: accessTokenResponse.access_token, proofs: { jwt: [jwt] },
  })
  return credentialResponse.credentials[0].credential
}

/** The payload of a credential, whose signature is checked under the key that the trust publishes. */
const verified = async (credential) => {
  const document = await (await fetch(`${origin}/.well-known/did.json`)).json()
  const key = createPublicKey({ key: document.verificationMethod[0].publicKeyJwk, format: 'jwk' })
  const [header, payload, signature] = credential.split('~')[0].split('.')
  const good = verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
  assert.ok(good, 'the signature')
  return JSON.parse(Buffer.from(payload, 'base64url'))
}

const server = spawn(program, ['serve', '--listen', '127.0.0.1:8097', ...shared], { stdio: 'ignore' })
try {
  for (let tries = 0; ; tries++) {
    if (await fetch(origin).then(() => true, () => false)) break
    assert.ok(tries < 100, 'the issuer does not answer')
    await new Promise((done) => setTimeout(done, 100))
  }

  const holder = newKey()
  const byJwk = { method: 'jwk', publicJwk: holder.jwk, alg: 'ES256' }
  const did = `did:jwk:${base64url(holder.jwk)}`
  const byDid = { method: 'did', didUrl: `${did}#0`, alg: 'ES256' }

  for (const signer of [byJwk, byDid]) {
    const sdJwt = await verified(await receive(offer('--format', 'dc+sd-jwt'), holder, signer))
    assert.equal(sdJwt.cnf.jwk.x, holder.jwk.x)
    const vcJwt = await verified(await receive(offer('--format', 'jwt_vc_json', '--tx-code', 'waived'), holder, signer))
    assert.equal(vcJwt.vc.credentialSubject.subject, 'fire-safety')
    if (signer === byDid) assert.equal(vcJwt.sub, did)
  }

  const { link, txCode } = offer()
  const wrong = String((Number(txCode) + 1) % 1_000_000).padStart(6, '0')
  await assert.rejects(receive({ link, txCode: wrong }, holder, byJwk), /invalid_grant|oauth/i)
  await receive({ link, txCode }, holder, byJwk)
  await assert.rejects(receive({ link, txCode }, holder, byJwk))
  console.log('@openid4vc/openid4vci (npm): received both formats, by key and by DID, and was refused what is wrong')
} finally {
  server.kill()
  rmSync(data, { recursive: true })
}
