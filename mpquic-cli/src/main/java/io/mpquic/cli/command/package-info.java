/** The commands of the program, one class each. */
package io.mpquic.cli.command;
