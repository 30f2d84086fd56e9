/**
 * Makes the raw downcalls of {@code dev.jlora.ffi} of the C headers in the native module. A program
 * of its own, which needs nothing but Java; it lies here so that tests can call its parts.
 */
package dev.jlora.ffi.generator;
