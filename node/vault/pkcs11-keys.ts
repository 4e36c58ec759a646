/**
 * Wrapping keys in a token or hardware security module, by PKCS#11 (OASIS, 2.40 and later). They are made in it and never leave it:
 * data keys go in and come out wrapped, by AES-GCM inside the token. The package that speaks to it is a native addon, and only a
 * node whose FOCALNET_VAULT names a token loads it.
 */
import type Pkcs11 from 'pkcs11js';
import * as z from 'zod';
import { nameOf, readPrivately } from './file-keys.ts';
import { type KeyProvider, nextKeyId, numberOf } from './key-provider.ts';
import { KEY_BYTES } from './seal-field.ts';
import { KeyProviderError, type KeyProviderErrorCode } from './vault-error.ts';

const Settings = z.strictObject({
  v: z.literal(1),
  kind: z.literal('pkcs11'),
  /** The library that came with the token. */
  module: z.string().min(1),
  /** Its label. */
  token: z.string().min(1).max(32),
  /** File with the PIN of its user, mode 0600. */
  pinFile: z.string().min(1),
});
type Settings = z.infer<typeof Settings>;

type Package = typeof Pkcs11;
type Handle = Pkcs11.Handle;
type Random = (bytes: number) => Uint8Array;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Keys of a token that are looked at, at most. */
const KEYS_LISTED = 1000;

/** @throws KeyProviderError FILE_UNREADABLE, FILE_MODE, FILE_INVALID, PACKAGE_MISSING, MODULE_MISSING, TOKEN_MISSING, PIN_REFUSED */
export async function openTokenKeys(path: string, random: Random): Promise<KeyProvider> {
  const settings = await readSettings(path);
  const pkcs11 = await loadPackage();
  const module = loadModule(pkcs11, settings.module);
  const token = openToken(pkcs11, module, settings, await readPin(settings));
  try {
    token.check();
  } catch (error) {
    unloadModule(settings.module);
    throw error;
  }
  const mechanism = (nonce: Uint8Array, name: string): Pkcs11.Mechanism => ({
    mechanism: pkcs11.CKM_AES_GCM,
    parameter: {
      type: pkcs11.CK_PARAMS_AES_GCM_v240,
      iv: Buffer.from(nonce),
      ivBits: NONCE_BYTES * 8,
      aad: Buffer.from(name),
      tagBits: TAG_BYTES * 8,
    } as Pkcs11.AesGCM,
  });
  const currentOf = (ids: readonly string[]): string => {
    const current = [...ids].sort((a, b) => numberOf(b) - numberOf(a))[0];
    if (current === undefined) throw new KeyProviderError('KEY_MISSING');
    return current;
  };
  return {
    wrap: (dataKey, subject) =>
      token.use(async (session) => {
        const keyId = currentOf([...session.keys().keys()]);
        const nonce = random(NONCE_BYTES);
        module.C_EncryptInit(session.handle, mechanism(nonce, nameOf(keyId, subject)), session.key(keyId));
        const out = Buffer.alloc(dataKey.length + TAG_BYTES);
        const wrapped = await module.C_EncryptAsync(session.handle, Buffer.from(dataKey), out);
        return { keyId, wrapped: Buffer.concat([nonce, wrapped]) };
      }),
    unwrap: ({ keyId, wrapped }, subject) =>
      token.use(async (session) => {
        if (wrapped.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) throw new KeyProviderError('KEY_WRONG');
        const nonce = wrapped.subarray(0, NONCE_BYTES);
        module.C_DecryptInit(session.handle, mechanism(nonce, nameOf(keyId, subject)), session.key(keyId));
        const sealed = Buffer.from(wrapped.subarray(NONCE_BYTES));
        return module.C_DecryptAsync(session.handle, sealed, Buffer.alloc(sealed.length));
      }),
    currentId: () => token.use(async (session) => currentOf([...session.keys().keys()])),
    keyIds: () => token.use(async (session) => [...session.keys().keys()]),
    makeNext: () =>
      token.use(async (session) => {
        const id = nextKeyId([...session.keys().keys()]);
        module.C_GenerateKey(
          session.handle,
          { mechanism: pkcs11.CKM_AES_KEY_GEN, parameter: null } as unknown as Pkcs11.Mechanism,
          describeKey(pkcs11, id),
        );
        return id;
      }),
    remove: (keyId) =>
      token.use(async (session) => {
        if (currentOf([...session.keys().keys()]) === keyId) throw new KeyProviderError('KEY_IN_USE');
        module.C_DestroyObject(session.handle, session.key(keyId));
      }),
    close: async () => {
      await token.close();
      unloadModule(settings.module);
    },
  };
}

/** Of a new wrapping key: it can be used in the token by who knows the PIN, and read by nobody. */
function describeKey(pkcs11: Package, id: string): Pkcs11.Template {
  return [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
    { type: pkcs11.CKA_LABEL, value: id },
    { type: pkcs11.CKA_ID, value: Buffer.from(id) },
    { type: pkcs11.CKA_VALUE_LEN, value: KEY_BYTES },
    { type: pkcs11.CKA_TOKEN, value: true },
    { type: pkcs11.CKA_PRIVATE, value: true },
    { type: pkcs11.CKA_SENSITIVE, value: true },
    { type: pkcs11.CKA_EXTRACTABLE, value: false },
    { type: pkcs11.CKA_ENCRYPT, value: true },
    { type: pkcs11.CKA_DECRYPT, value: true },
  ];
}

async function readSettings(path: string): Promise<Settings> {
  const text = await readPrivately(path, 'FILE_UNREADABLE');
  try {
    return Settings.parse(JSON.parse(text));
  } catch {
    throw new KeyProviderError('FILE_INVALID');
  }
}

const readPin = async ({ pinFile }: Settings): Promise<string> =>
  (await readPrivately(pinFile, 'PIN_REFUSED')).trim();

async function loadPackage(): Promise<Package> {
  try {
    const loaded = (await import('pkcs11js')) as { default?: Package } & Package;
    return loaded.default ?? loaded;
  } catch (cause) {
    throw new KeyProviderError('PACKAGE_MISSING', { cause });
  }
}

/** A library is initialised once in a process, whoever uses it. */
const loaded = new Map<string, { module: Pkcs11.PKCS11; users: number }>();

function loadModule(pkcs11: Package, path: string): Pkcs11.PKCS11 {
  const known = loaded.get(path);
  if (known) {
    known.users += 1;
    return known.module;
  }
  const module = new pkcs11.PKCS11();
  try {
    module.load(path);
    module.C_Initialize();
  } catch (cause) {
    throw new KeyProviderError('MODULE_MISSING', { cause });
  }
  loaded.set(path, { module, users: 1 });
  return module;
}

function unloadModule(path: string): void {
  const known = loaded.get(path);
  if (!known || --known.users > 0) return;
  loaded.delete(path);
  known.module.C_Finalize();
  known.module.close();
}

/** A library may not see a token again that was away until it is initialised anew; not under the hands of another user of it. */
function renewModule(path: string): void {
  const known = loaded.get(path);
  if (known?.users !== 1) return;
  quietly(() => known.module.C_Finalize());
  quietly(() => known.module.C_Initialize());
}

/** With these the token may be back at the next try. */
const AWAY: readonly KeyProviderErrorCode[] = ['TOKEN_FAILED', 'TOKEN_MISSING'];

interface Session {
  readonly handle: Handle;
  /** Wrapping keys of the token, by id. */
  readonly keys: () => ReadonlyMap<string, Handle>;
  /** @throws KeyProviderError KEY_MISSING */
  readonly key: (id: string) => Handle;
}

/** One session, used by one operation at a time. One that fails is opened anew once: a token may have been away, and be back. */
function openToken(pkcs11: Package, module: Pkcs11.PKCS11, settings: Settings, pin: string) {
  let open: Session | null = null;
  let isPinRefused = false;
  let last: Promise<unknown> = Promise.resolve();
  const check = (): Session => {
    // A wrong PIN is not tried again: tokens lock themselves.
    if (isPinRefused) throw new KeyProviderError('PIN_REFUSED');
    if (open) return open;
    const slot = findSlot(pkcs11, module, settings.token);
    const flags = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION;
    const handle = attempt('TOKEN_FAILED', () => module.C_OpenSession(slot, flags));
    try {
      logIn(pkcs11, module, handle, pin);
    } catch (error) {
      isPinRefused = error instanceof KeyProviderError && error.code === 'PIN_REFUSED';
      quietly(() => module.C_CloseSession(handle));
      throw error;
    }
    open = openSession(pkcs11, module, handle);
    return open;
  };
  const discard = () => {
    const former = open;
    open = null;
    if (former) quietly(() => module.C_CloseSession(former.handle));
  };
  const attemptTwice = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    try {
      return await work(check());
    } catch (error) {
      if (error instanceof KeyProviderError && !AWAY.includes(error.code)) throw error;
      discard();
      renewModule(settings.module);
    }
    try {
      return await work(check());
    } catch (cause) {
      discard();
      throw cause instanceof KeyProviderError ? cause : new KeyProviderError('TOKEN_FAILED', { cause });
    }
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work);
    last = done.catch(() => {});
    return done;
  };
  return {
    check,
    use: <T>(work: (session: Session) => Promise<T>): Promise<T> => inTurn(() => attemptTwice(work)),
    close: () => inTurn(async () => discard()),
  };
}

function findSlot(pkcs11: Package, module: Pkcs11.PKCS11, label: string): Handle {
  const slots = attempt('TOKEN_FAILED', () => module.C_GetSlotList(true));
  const isIt = (slot: Handle): boolean => {
    const { label: its, flags } = module.C_GetTokenInfo(slot);
    return its.trim() === label && (flags & pkcs11.CKF_TOKEN_INITIALIZED) !== 0;
  };
  // Another token that does not answer is nobody's trouble here.
  const found = slots.find((slot) => {
    try {
      return isIt(slot);
    } catch {
      return false;
    }
  });
  if (!found) throw new KeyProviderError('TOKEN_MISSING');
  return found;
}

function logIn(pkcs11: Package, module: Pkcs11.PKCS11, handle: Handle, pin: string): void {
  try {
    module.C_Login(handle, pkcs11.CKU_USER, pin);
  } catch (cause) {
    const { code } = cause as { code?: number };
    // Another session of this process has done so.
    if (code === pkcs11.CKR_USER_ALREADY_LOGGED_IN) return;
    const refused = [pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_LOCKED, pkcs11.CKR_PIN_LEN_RANGE];
    throw new KeyProviderError(refused.includes(code ?? -1) ? 'PIN_REFUSED' : 'TOKEN_FAILED', { cause });
  }
}

function openSession(pkcs11: Package, module: Pkcs11.PKCS11, handle: Handle): Session {
  const known = new Map<string, Handle>();
  const keys = () => {
    known.clear();
    for (const [id, key] of listKeys(pkcs11, module, handle)) known.set(id, key);
    return known;
  };
  return {
    handle,
    keys,
    key: (id) => {
      const key = known.get(id) ?? keys().get(id);
      if (!key) throw new KeyProviderError('KEY_MISSING');
      return key;
    },
  };
}

function listKeys(pkcs11: Package, module: Pkcs11.PKCS11, handle: Handle): [string, Handle][] {
  module.C_FindObjectsInit(handle, [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
  ]);
  const found: Handle[] = [];
  try {
    for (let key = module.C_FindObjects(handle); key && found.length < KEYS_LISTED; ) {
      found.push(key);
      key = module.C_FindObjects(handle);
    }
  } finally {
    module.C_FindObjectsFinal(handle);
  }
  return found
    .map((key): [string, Handle] => {
      const [label] = module.C_GetAttributeValue(handle, key, [{ type: pkcs11.CKA_LABEL }]);
      return [String(label?.value ?? ''), key];
    })
    .filter(([id]) => numberOf(id) > 0);
}

function attempt<T>(code: KeyProviderErrorCode, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new KeyProviderError(code, { cause });
  }
}

/** What is being thrown away may be gone already. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {}
}
