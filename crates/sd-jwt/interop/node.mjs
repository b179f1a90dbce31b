// Holds staffpass-sd-jwt against the npm package @sd-jwt/sd-jwt-vc, both ways, valid and invalid.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import { createInterface } from 'node:readline'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'

const AUDIENCE = 'https://portal.example'
const NONCE = 'n-0S6_WzA2Mj'
const ROUNDS = 20

const ours = spawn(process.argv[2], { stdio: ['pipe', 'pipe', 'inherit'] })
const answers = createInterface({ input: ours.stdout })[Symbol.asyncIterator]()
const ask = async (task) => {
  ours.stdin.write(JSON.stringify(task) + '\n')
  return JSON.parse((await answers.next()).value)
}

const signer = (jwk) => {
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return (data) => sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}
const verifier = (jwk) => {
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  return (data, signature) =>
    verify('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
}

/** Their library, with these keys. */
const theirs = ({ issuer, issuerPublic, holder }) =>
  new SDJwtVcInstance({
    signer: issuer && signer(issuer),
    signAlg: 'ES256',
    verifier: issuerPublic && verifier(issuerPublic),
    kbSigner: holder && signer(holder),
    kbSignAlg: 'ES256',
    kbVerifier: (data, signature, payload) => verifier(payload.cnf.jwk)(data, signature),
    hasher: (data, alg) => createHash(alg.replace('-', '')).update(typeof data === 'string' ? data : Buffer.from(data)).digest(),
    hashAlg: 'sha-256',
    saltGenerator: () => randomBytes(16).toString('base64url'),
  })

const theyVerify = async (presentation, issuerPublic) => {
  const { payload, kb } = await theirs({ issuerPublic }).verify(presentation, { keyBindingNonce: NONCE })
  assert.equal(kb.payload.aud, AUDIENCE)
  return payload
}

/** The presentation with one thing wrong, and what is wrong. */
const tampered = (presentation) => {
  const parts = presentation.split('~')
  const flipped = parts[1].slice(0, -8) + (parts[1].at(-8) === 'A' ? 'B' : 'A') + parts[1].slice(-7)
  return {
    'a disclosure is missing': [parts[0], ...parts.slice(2)].join('~'),
    'the key binding is missing': parts.slice(0, -1).join('~') + '~',
    'the payload is changed': presentation.replace('.ey', '.eX'),
    'the signature of the key binding is changed': presentation.slice(0, -10) + 'AAAAAAAAAA',
    'a disclosure is changed': [parts[0], flipped, ...parts.slice(2)].join('~'),
  }
}

const weRefuse = async (presentation, issuer_jwk) => {
  for (const [what, wrong] of Object.entries(tampered(presentation))) {
    const answer = await ask({ do: 'verify', presentation: wrong, issuer_jwk })
    assert.ok(answer.code, what)
  }
}

const oursToTheirs = async () => {
  const { presentation, issuer_jwk, claims } = await ask({ do: 'present' })
  assert.deepEqual(await theyVerify(presentation, issuer_jwk), claims)
  for (const [what, wrong] of Object.entries(tampered(presentation))) {
    await assert.rejects(theyVerify(wrong, issuer_jwk), what)
  }
}

const issuedByUsShownByThem = async () => {
  const { issued, issuer_jwk, holder_jwk, claims } = await ask({ do: 'issue' })
  const wallet = theirs({ issuerPublic: issuer_jwk, holder: holder_jwk })
  await wallet.verify(issued)
  const kb = { payload: { aud: AUDIENCE, nonce: NONCE, iat: Math.floor(Date.now() / 1000) } }
  const presentation = await wallet.present(issued, { employer: { ods_code: true }, level: true }, { kb })
  const answer = await ask({ do: 'verify', presentation, issuer_jwk })
  assert.deepEqual(answer.claims?.employer, { ods_code: claims.employer.ods_code })
  assert.equal(answer.claims.level, claims.level)
  assert.equal(answer.claims.given_name, undefined)
  await weRefuse(presentation, issuer_jwk)
}

const theirsToOurs = async () => {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const [issuer, holder] = [pair(), pair()]
  const jwk = (key) => key.export({ format: 'jwk' })
  const both = theirs({ issuer: jwk(issuer.privateKey), holder: jwk(holder.privateKey) })
  const claims = {
    iss: 'https://eastmoor.example', vct: 'x', iat: 1767225600, cnf: { jwk: jwk(holder.publicKey) },
    given_name: 'Amära "A"', employer: { ods_code: 'Z9Z9Z', name: 'Eastmoor' },
    trainings: ['fire', { level: 1 }, 'moving'],
  }
  const frame = { _sd: ['given_name', 'employer'], _sd_decoy: 2, employer: { _sd: ['ods_code'] }, trainings: { _sd: [0, 1] } }
  const issued = await both.issue(claims, frame)
  const kb = { payload: { aud: AUDIENCE, nonce: NONCE, iat: Math.floor(Date.now() / 1000) } }
  const presentation = await both.present(issued, { employer: { ods_code: true }, trainings: { 1: true } }, { kb })
  const issuer_jwk = jwk(issuer.publicKey)
  const answer = await ask({ do: 'verify', presentation, issuer_jwk })
  const { given_name: _, ...rest } = claims
  assert.deepEqual(answer.claims, { ...rest, trainings: [{ level: 1 }, 'moving'] })
  await weRefuse(presentation, issuer_jwk)
}

for (let round = 0; round < ROUNDS; round++) {
  await oursToTheirs()
  await issuedByUsShownByThem()
  await theirsToOurs()
}
console.log(`@sd-jwt/sd-jwt-vc (npm): ${ROUNDS} rounds of three ways, valid and invalid, agree`)
ours.stdin.end()
