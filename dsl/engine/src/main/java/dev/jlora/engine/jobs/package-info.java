/**
 * A job before any weight is loaded. {@link dev.jlora.engine.jobs.ResolvedJob} answers its open
 * questions (architecture, labels, rows), {@link dev.jlora.engine.jobs.JobCheck} refuses what
 * cannot work, {@link dev.jlora.engine.jobs.JobPlan} holds the result for everything that follows,
 * and {@link dev.jlora.engine.jobs.Plan} shows it to the user.
 */
@NullMarked
package dev.jlora.engine.jobs;

import org.jspecify.annotations.NullMarked;
