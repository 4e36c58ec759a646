// The refusals of attachment cleaning. Every message tells the officer what to do next.
// It may not carry file names, values found in the file, or any other personal data.

const ADVICE = {
  TOO_LARGE: 'The file is too large. Attach a smaller one, or split it into several files.',
  ARCHIVE_TOO_LARGE:
    'The document unpacks to far more than its size suggests, so it was not opened. Print it to PDF and attach the PDF.',
  MEDIA_UNKNOWN:
    'This kind of file cannot be cleaned. Print it to PDF, or save it as JPEG, PNG, DOCX, XLSX or ODT, and attach that; a supervisor may release the original.',
  MEDIA_MISMATCH:
    'The content of the file is not what its name says. Open it, save it again in its own format, and attach the new file.',
  MIXED_FILE:
    'The file holds a second file besides the one it shows. Print it to PDF again and attach the new PDF.',
  IMAGE_UNREADABLE:
    'The picture cannot be read. Open it, save it as JPEG, and attach the new file; on a telephone choose the most compatible camera format.',
  DOCUMENT_UNREADABLE:
    'The document is damaged or built in an unusual way. Open it, print it to PDF, and attach the new PDF.',
  DOCUMENT_ENCRYPTED:
    'The document is protected by a password. Remove the password, or print it to PDF, and attach it again.',
  DOCUMENT_HAS_TRACKED_CHANGES:
    'The document holds tracked changes. Accept or reject the changes and attach again, or print to PDF.',
  DOCUMENT_HAS_HIDDEN_CONTENT:
    'The document holds content that is not shown. Delete the hidden content and attach again, or print to PDF.',
  DOCUMENT_HAS_MACROS:
    'The document holds macros. Save it without macros (as DOCX, XLSX, PPTX or ODT), or print to PDF, and attach again.',
  ACTIVE_CONTENT:
    'The file can run a program, or fetch or embed another file. Remove that part, or print to PDF, and attach again.',
} as const;

export type AttachmentErrorCode = keyof typeof ADVICE;

/** A refused attachment. `code` is stable; `message` says what the officer can do. */
export class AttachmentError extends Error {
  readonly code: AttachmentErrorCode;

  constructor(code: AttachmentErrorCode, advice: string = ADVICE[code]) {
    super(advice);
    this.name = 'AttachmentError';
    this.code = code;
  }
}
