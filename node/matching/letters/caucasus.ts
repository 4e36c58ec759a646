/**
 * Georgian and Armenian. Sources: the Georgian national system of 2002 (used in passports; BGN/PCGN 2009) without its apostrophes;
 * Armenian BGN/PCGN 1981, with the Western readings of stops beside it where they change the consonant. ICAO Doc 9303 has no table
 * of either.
 */
import { readingsOf } from './rows.ts';

export const georgianReadings = readingsOf(`
  ა a
  ბ b
  გ g
  დ d
  ე e
  ვ v
  ზ z
  თ t
  ი i
  კ k
  ლ l
  მ m
  ნ n
  ო o
  პ p
  ჟ zh
  რ r
  ს s
  ტ t
  უ u
  ფ p
  ქ k
  ღ gh
  ყ q
  შ sh
  ჩ ch
  ც ts
  ძ dz
  წ ts
  ჭ ch
  ხ kh
  ჯ j
  ჰ h`);

export const armenianReadings = readingsOf(`
  ու u
  եւ ev
  ա a
  բ b
  գ g
  դ d
  ե e
  զ z
  է e
  ը y
  թ t
  ժ zh
  ի i
  լ l
  խ kh
  ծ ts
  կ k
  հ h
  ձ dz
  ղ gh
  ճ ch
  մ m
  յ y|h
  ն n
  շ sh
  ո o
  չ ch
  պ p
  ջ j
  ռ r
  ս s
  վ v
  տ t
  ր r
  ց ts
  ւ v
  փ p
  ք k
  և ev
  օ o
  ֆ f`);
/** At the beginning of a word. */
export const armenianFirst = readingsOf(`
  ե ye
  ո vo
  յ h|y`);
