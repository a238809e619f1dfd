/**
 * The Linux C library behind typed methods: every downcall of this module is here, and nowhere else.
 *
 * <p>Nothing in this package throws for a failed call: a result below zero is the negated errno, as the kernel itself
 * has it. The caller knows the device and the purpose, and makes the exception. The numbers are those of the generic
 * Linux ABI, which x86-64 and arm64 share.
 */
package io.mpquic.tun.ffi;
