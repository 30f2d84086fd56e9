/** Loads base models and saved adapters into networks, on the device that a job names. */
@NullMarked
package dev.jlora.engine.models;

import org.jspecify.annotations.NullMarked;
