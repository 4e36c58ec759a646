/**
 * The blind index of this node: its key comes from the vault and stays in this process.
 */
import type { Transaction } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { Vault } from '../vault/vault.ts';
import { type BlindIndex, makeBlindIndex } from './blind-index.ts';

/** @throws VaultError KEY_UNAVAILABLE */
export async function openBlindIndex(trx: Transaction<Database>, vault: Vault): Promise<BlindIndex> {
  const derive = await vault.openIndex(trx);
  return makeBlindIndex(derive('names and births'));
}
