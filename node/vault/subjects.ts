/**
 * Whose data key seals what. Erasing a subject's key erases everything that is sealed under it, so a subject is what is erased
 * together.
 */
export const conversationKey = (thread: string): string => `conversation:${thread}`;
/** What two States say of a conversation's erasure, and what is said to it afterwards: it stays when the rest has gone. */
export const noticeKey = (thread: string): string => `notice:${thread}`;
export const caseKey = (id: string): string => `case:${id}`;
/** Of what guardians are shown of a conversation, and what they say of it: goes with the conversation, opens nothing of it. */
export const shownKey = (thread: string): string => `shown:${thread}`;
/** Of who represents a child: what was entered of one appointment, so that its holder's role can open that and nothing of the file. */
export const linkKey = (id: string): string => `link:${id}`;
/** Of what a child said of who represents it: apart from the file, which whoever is complained of may work in. */
export const complaintKey = (id: string): string => `complaint:${id}`;
export const attachmentKey = (id: string): string => `attachment:${id}`;
/** What people of the office write of each other and of the office, and of no single conversation. */
export const OFFICE_KEY = 'office:1';
/** Of the blind index of search; the number grows when the index is built anew under another. */
export const INDEX_KEY = 'index:1';
/** Opened to see whether the key provider is there and has this node's keys. */
export const PROBE_KEY = 'probe:1';
