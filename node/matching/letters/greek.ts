/**
 * Greek. Pairs of letters come before single ones. Source: ELOT 743 (second edition, 2001; ISO 843 type 2), as in Greek passports;
 * beside it how names are commonly written (Χρήστος as Christos, Hristos; Ντίνα as Dina). ICAO Doc 9303 has no Greek table.
 */
import { readingsOf } from './rows.ts';

export const greekReadings = readingsOf(`
  γγ ng
  γκ gk|g
  γξ nx
  γχ nch
  μπ mp|b
  ντ nt|d
  τζ tz
  τσ ts
  ου ou
  αυ av|af
  ευ ev|ef
  ηυ iv|if
  αύ av|af
  εύ ev|ef
  ηύ iv|if
  ού ou
  α a
  β v
  γ g
  δ d
  ε e
  ζ z
  η i
  θ th
  ι i
  κ k
  λ l
  μ m
  ν n
  ξ x
  ο o
  π p
  ρ r
  σ s
  ς s
  τ t
  υ y
  φ f
  χ ch
  ψ ps
  ω o`);
/** At the beginning of a word. */
export const greekFirst = readingsOf(`
  μπ b
  ντ d
  γκ g`);
