/**
 * What a user asks for, as immutable records: a {@link dev.jlora.spec.JobSpec} and its parts. A
 * spec is right or does not exist: its constructor checks everything and reports all problems at
 * once as a {@link dev.jlora.spec.SpecException}. Every spec prints as JSON and is read back from
 * it.
 *
 * <p>Nothing here touches a file, a plugin or native memory.
 */
@NullMarked
package dev.jlora.spec;

import org.jspecify.annotations.NullMarked;
