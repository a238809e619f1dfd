/**
 * What the program tells the service manager that runs it, by the protocol of sd_notify(3). Without one, nothing.
 *
 * <pre>
 *   tunnel --event--&gt; ServiceReport --&gt; StatusText
 *                          |   ^              |
 *                          |   | every third of the watchdog's time: do all threads answer?
 *                          v   |              v
 *                     ServiceMessages:  READY=1  STATUS=...  WATCHDOG=1  STOPPING=1
 * </pre>
 */
package io.mpquic.cli.service;
