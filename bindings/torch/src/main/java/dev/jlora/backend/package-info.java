/**
 * Implementations of the operations behind tape functions, per device. A family of operators is an
 * interface; {@link dev.jlora.backend.Backend} holds one implementation of each, selected once per
 * device, so that callers do not depend on the kind of device.
 *
 * <p>{@code Composed...} classes use libtorch's operators, and jlora's loops on the CPU: they run
 * everywhere. Libraries add implementations for a kind of device through {@link
 * dev.jlora.backend.DeviceSupport}; this package does not depend on them. Nothing here waits for a
 * GPU; results are allocated by libtorch.
 */
@NullMarked
package dev.jlora.backend;

import org.jspecify.annotations.NullMarked;
