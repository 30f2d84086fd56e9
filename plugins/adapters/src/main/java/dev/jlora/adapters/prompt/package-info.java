/**
 * Methods that train virtual tokens before each text: prompt tuning, P-tuning and prefix tuning.
 * Their specs are public; everything else is reached through the SPI.
 */
@NullMarked
package dev.jlora.adapters.prompt;

import org.jspecify.annotations.NullMarked;
