/**
 * The settings of a job as immutable records: a {@link dev.jlora.spec.JobSpec} and its sections. An
 * invalid spec cannot exist: its constructor checks everything and reports all problems at once as
 * a {@link dev.jlora.spec.SpecException}. Every spec prints as JSON and can be read back from it.
 *
 * <p>Nothing here accesses files, plugins or native memory.
 */
@NullMarked
package dev.jlora.spec;

import org.jspecify.annotations.NullMarked;
