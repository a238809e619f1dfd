/**
 * The program's log: one line an event on standard output, for a person and for the journal.
 *
 * <pre>
 *   2026-01-31T12:00:00.123Z INFO up instance=mpq1 local=198.18.1.2:38211 remote=203.0.113.7:45001 handshake_ms=41.2
 *   `---------------------' `--' `' `-----------------------------------------------------------------------------'
 *    not in the journal     level |  key=value, quoted where a value has blanks
 *                               event
 * </pre>
 *
 * <p>It stands behind {@link java.lang.System.Logger}, so that the libraries below log without knowing it.
 */
package io.mpquic.cli.log;
