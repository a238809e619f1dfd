/** The mpquic program: reading the command line, loading a configuration file, starting a tunnel. */
package io.mpquic.cli;
