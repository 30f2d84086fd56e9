/**
 * Profile of a training step: time by phase, as a table and as events of the JDK Flight Recorder.
 * The overhead is negligible while there is no listener.
 *
 * <p>{@link dev.jlora.profile.Profiler#enter} enters a {@link dev.jlora.profile.Phase}; time counts
 * only for the innermost phase, so that the phases of a step add up to the step.
 */
@NullMarked
package dev.jlora.profile;

import org.jspecify.annotations.NullMarked;
