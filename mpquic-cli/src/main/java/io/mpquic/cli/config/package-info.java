/**
 * From the text of a configuration file to an {@link io.mpquic.cli.config.InstanceConfig} that holds no invalid value.
 *
 * <pre>
 *   file --ConfigText--> text --YamlDocument--> entries --ConfigLoader--> InstanceConfig + warnings
 *              \________________________ \_________________________ \
 *                                            ConfigProblem: file, line, key, what is wrong, what to write
 * </pre>
 *
 * <p>Loading goes on after a fault, so that one look at the messages is enough to repair a file.
 */
package io.mpquic.cli.config;
