/**
 * Where the time of a training step goes: phases as a table and as events of the JDK Flight
 * Recorder. Costs next to nothing while nobody listens.
 *
 * <p>A {@link dev.jlora.profile.Phase} is entered with {@link dev.jlora.profile.Profiler#enter};
 * time goes to the innermost phase alone, so that the phases of a step add up to the step.
 */
@NullMarked
package dev.jlora.profile;

import org.jspecify.annotations.NullMarked;
