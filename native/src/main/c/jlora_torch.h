/*
 * Declarations of the C functions that jlora calls in libtorch.
 *
 * The classes of dev.jlora.ffi that call them are generated from this file:
 *
 *     mvn -N generate-sources -Pdowncalls
 *
 * A test of bindings/torch fails if they are out of date. dev.jlora.ffi.generator.Header describes
 * the supported syntax. A comment directly before a function becomes its Javadoc. Tags at its end,
 * each an "at" sign and a word, state what C cannot express:
 *
 *   class NAME       (in a comment of its own) begins a Java class with the functions that follow
 *   library NAME     the library of the class: torch, jemalloc or libc; a library that lacks a
 *                    function is rejected on first use of the class
 *   object NAME      instead of library: the functions are bound per object, from Library.NAME
 *   prefix A B       prefixes that Java names omit; the first match counts
 *   implements NAME  an interface that the class implements, with the Javadoc of its methods
 *   optional         on a function: some versions or builds lack it, so Java calls hasName() first;
 *                    on a class: all functions exist or none is used, so Java calls available()
 *   name NAME        the name of the Java method, if it differs from C
 *   critical         returns within nanoseconds, and neither blocks nor calls Java: linked with
 *                    Linker.Option.critical, without heap access
 *   address          Java needs only the address, to pass it to C as a callback
 *   byhand           on an enum: its values are in a Java class that is not generated
 *
 * The file includes standard headers only, so that jextract and C compilers can read it.
 *
 * Conventions of libtorch's functions, unless a comment states otherwise:
 *   - An int32_t result is 0 for success and 1 for failure. C++ exceptions do not propagate.
 *   - Tensor arguments are borrowed. A tensor returned through a pointer is a new handle, which the
 *     caller frees with aoti_torch_delete_tensor_object.
 *   - Pointers are not kept after the call.
 *   - Passing a null tensor crashes the process. An optional tensor is passed as a pointer to a
 *     handle, which may be null.
 */
#ifndef JLORA_TORCH_H
#define JLORA_TORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An opaque pointer to a tensor object, declared as an integer: Java only passes it on. */
typedef uintptr_t jlora_tensor;

/* A list or string argument of an operator; the call that takes it frees it. */
typedef uintptr_t jlora_list;
typedef uintptr_t jlora_string;

/* An argument or result of the dispatcher, of any type, encoded in 64 bits. */
typedef uint64_t jlora_value;

/* Processes the indices from begin to end - 1, on a thread of libtorch. Must not throw. */
typedef void (*jlora_range_function)(int64_t begin, int64_t end, void *context);

/* Frees the memory of a tensor. */
typedef void (*jlora_deleter)(void *data, void *context);

/* ---- The library and its dispatcher ---------------------------------------------------- */

/*
 * The core of libtorch's stable C ABI: the library, its dispatcher and the encoding of arguments.
 * Methods that return int return 0 for success and 1 for failure; from version 2.13,
 * exceptionText() returns the error message. Handles are long.
 *
 * @class LibTorch
 * @library torch
 * @prefix aoti_torch_ torch_
 */

/* The ABI version: major << 56 | minor << 48 | patch << 40 | tag. @critical */
uint64_t aoti_torch_abi_version(void);

/*
 * The message of this thread's last error, without a stack trace; valid until the next error. Since
 * 2.13.
 *
 * @optional
 * @name exceptionText
 */
const char *torch_exception_get_what_without_backtrace(void);

/* The number of threads used within an operator. @name threads */
int32_t torch_get_num_threads(uint32_t *result);

/* Splits [begin, end) into ranges of at least grain, and runs work on libtorch's threads. */
int32_t torch_parallel_for(int64_t begin, int64_t end, int64_t grain, jlora_range_function work,
                           void *context);

/*
 * Sets whether libtorch's autograd records this thread's operators; initially on.
 *
 * @critical
 * @name gradMode
 */
void aoti_torch_grad_mode_set_enabled(bool enabled);

/*
 * Calls an operator, such as "aten::linear" with the overload "". The stack has all arguments in
 * the order of the schema, one 64-bit slot each; the results replace them, from slot 0. The call
 * takes ownership of tensors, lists and strings on the stack. version is aoti_torch_abi_version().
 */
int32_t torch_call_dispatcher(const char *operator_name, const char *overload_name,
                              jlora_value *stack, uint64_t version);

/* Creates an empty list; the call that takes it frees it. @name newList */
int32_t torch_new_list_reserve_size(size_t capacity, jlora_list *result);

/* Appends an encoded value. @name listAdd */
int32_t torch_list_push_back(jlora_list list, jlora_value element);

/* Creates a string; the call that takes it frees it. @name newString */
int32_t torch_new_string_handle(const char *bytes, size_t length, jlora_string *result);

/*
 * Allocates the cell of an optional value that is present. Since 2.13; before that, malloc(8).
 *
 * @optional
 * @name newCell
 */
int32_t torch_new_stable_ivalue(jlora_value **result);

/* ---- Tensors --------------------------------------------------------------------------- */

/*
 * Tensors of libtorch's stable C ABI: creation, deletion, properties and in-place writes. Handles
 * are long. Methods return 0 for success, as in LibTorch.
 *
 * @class TensorHandles
 * @library torch
 * @prefix aoti_torch_get_ aoti_torch_ torch_
 */

/* Creates another handle to the same tensor. */
int32_t aoti_torch_new_tensor_handle(jlora_tensor tensor, jlora_tensor *result);

/*
 * Creates a handle to an undefined tensor: None for an argument of type Tensor.
 *
 * @name newUndefinedTensor
 */
int32_t aoti_torch_new_uninitialized_tensor(jlora_tensor *result);

/*
 * Deletes a handle. The memory is freed with the last handle or view that shares it.
 *
 * @name deleteTensor
 */
int32_t aoti_torch_delete_tensor_object(jlora_tensor tensor);

/*
 * Creates an uninitialized tensor, 64-byte aligned on the CPU. Strides are in elements;
 * dev.jlora.tensor defines the codes of dtypes and devices.
 */
int32_t aoti_torch_empty_strided(int64_t rank, const int64_t *sizes, const int64_t *strides,
                                 int32_t dtype, int32_t device_type, int32_t device_index,
                                 jlora_tensor *result);

/*
 * Creates a tensor over the caller's memory, which must outlive every view. data must not be null.
 *
 * @name tensorFromBlob
 */
int32_t aoti_torch_create_tensor_from_blob(void *data, int64_t rank, const int64_t *sizes,
                                           const int64_t *strides, int64_t storage_offset,
                                           int32_t dtype, int32_t device_type,
                                           int32_t device_index, jlora_tensor *result);

/*
 * Creates a tensor over memory that deleter(data, context) frees after the last view, on any
 * thread. layout is 0 and metadata null. data must not be null: libtorch would allocate instead.
 * Since 2.11.
 *
 * @optional
 * @name tensorFromOwnedBlob
 */
int32_t torch_from_blob(void *data, int64_t rank, const int64_t *sizes, const int64_t *strides,
                        int64_t storage_offset, int32_t dtype, int32_t device_type,
                        int32_t device_index, jlora_tensor *result, int32_t layout,
                        const uint8_t *metadata, int64_t metadata_size, jlora_deleter deleter,
                        void *context);

/*
 * Creates a view of any shape; offset is relative to the first element. Nothing is checked.
 *
 * @name reinterpret
 */
int32_t aoti_torch__reinterpret_tensor(jlora_tensor tensor, int64_t rank, const int64_t *sizes,
                                       const int64_t *strides, int64_t offset,
                                       jlora_tensor *result);

/* Whether the tensor is defined, as one byte. */
int32_t aoti_torch_is_defined(jlora_tensor tensor, bool *result);

/* The address of the first element, including the storage offset. @name dataPointer */
int32_t aoti_torch_get_data_ptr(jlora_tensor tensor, void **result);

/* The number of dimensions. @name rank */
int32_t aoti_torch_get_dim(jlora_tensor tensor, int64_t *result);

/* The code of the dtype. */
int32_t aoti_torch_get_dtype(jlora_tensor tensor, int32_t *result);

/* The code of the device type: 0 is CPU, 1 is CUDA. */
int32_t aoti_torch_get_device_type(jlora_tensor tensor, int32_t *result);

/* The index of the device among those of its type. */
int32_t aoti_torch_get_device_index(jlora_tensor tensor, int32_t *result);

/* A pointer to the sizes, valid as long as the tensor object. */
int32_t aoti_torch_get_sizes(jlora_tensor tensor, int64_t **result);

/* A pointer to the strides in elements, valid as long as the tensor object. */
int32_t aoti_torch_get_strides(jlora_tensor tensor, int64_t **result);

/* Copies source into tensor; dtypes and devices may differ. @name copy */
int32_t aoti_torch_copy_(jlora_tensor tensor, jlora_tensor source, int32_t non_blocking);

/* Fills the tensor with zeros. @name zero */
int32_t aoti_torch_zero_(jlora_tensor tensor);

/* Fills the tensor with a number. @name fill */
int32_t aoti_torch_aten_fill__Scalar(jlora_tensor tensor, double value);

/* Sets whether the tensor is a leaf of libtorch's autograd. @name requiresGrad */
int32_t torch_set_requires_grad(jlora_tensor tensor, bool requires_grad);

/* ---- Kernels, called without the dispatcher -------------------------------------------- */

/*
 * The CPU kernels.
 *
 * @class CpuKernels
 * @library torch
 * @prefix aoti_torch_cpu_
 * @implements DeviceKernels
 */

/* a + alpha b, in a new tensor. @name add */
int32_t aoti_torch_cpu_add_Tensor(jlora_tensor a, jlora_tensor b, double alpha,
                                  jlora_tensor *result);

/* a + alpha b for a scalar b, in a new tensor. */
int32_t aoti_torch_cpu_add_Scalar(jlora_tensor a, double b, double alpha, jlora_tensor *result);

/* a b for a scalar b, in a new tensor. */
int32_t aoti_torch_cpu_mul_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* a to the power of a scalar b, in a new tensor. @name powScalar */
int32_t aoti_torch_cpu_pow_Tensor_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* out = a b, of matrices. @name mm */
int32_t aoti_torch_cpu_mm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = a b, of batches of matrices. @name bmm */
int32_t aoti_torch_cpu_bmm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = beta c + alpha a b, of matrices. @name addmm */
int32_t aoti_torch_cpu_addmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a, jlora_tensor b,
                                 double beta, double alpha);

/* out = beta c + alpha a b, of batches of matrices. @name baddbmm */
int32_t aoti_torch_cpu_baddbmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a,
                                   jlora_tensor b, double beta, double alpha);

/*
 * oneDNN's f(x transpose(w) + bias), in a new tensor. attribute names the function f ("none",
 * "relu", "gelu", ...), scalars has its parameters, algorithm selects the variant of gelu. bias and
 * algorithm may be null. Some builds lack it.
 *
 * @optional
 */
int32_t aoti_torch_cpu__linear_pointwise(jlora_tensor x, jlora_tensor w, jlora_tensor *bias,
                                         const char *attribute, const double **scalars,
                                         int64_t scalar_count, const char **algorithm,
                                         jlora_tensor *result);

/*
 * The CUDA kernels, exported by libtorch_cuda.so only.
 *
 * @class CudaKernels
 * @library torch
 * @prefix aoti_torch_cuda_
 * @implements DeviceKernels
 */

/* a + alpha b, in a new tensor. @name add */
int32_t aoti_torch_cuda_add_Tensor(jlora_tensor a, jlora_tensor b, double alpha,
                                   jlora_tensor *result);

/* a + alpha b for a scalar b, in a new tensor. */
int32_t aoti_torch_cuda_add_Scalar(jlora_tensor a, double b, double alpha, jlora_tensor *result);

/* a b for a scalar b, in a new tensor. */
int32_t aoti_torch_cuda_mul_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* a to the power of a scalar b, in a new tensor. @name powScalar */
int32_t aoti_torch_cuda_pow_Tensor_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* out = a b, of matrices. @name mm */
int32_t aoti_torch_cuda_mm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = a b, of batches of matrices. @name bmm */
int32_t aoti_torch_cuda_bmm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = beta c + alpha a b, of matrices. @name addmm */
int32_t aoti_torch_cuda_addmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a, jlora_tensor b,
                                  double beta, double alpha);

/* out = beta c + alpha a b, of batches of matrices. @name baddbmm */
int32_t aoti_torch_cuda_baddbmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a,
                                    jlora_tensor b, double beta, double alpha);

/* ---- Outside the stable ABI: each is optional and has a fallback ----------------------- */

/*
 * C++ functions that libtorch exports although they are not part of its stable ABI. Each is
 * optional, and callers have a fallback.
 *
 * @class LibTorchExtras
 * @library torch
 */

/* at::set_num_threads(int), for the whole process; count >= 1. @optional @name setThreads */
void _ZN2at15set_num_threadsEi(int32_t count);

/*
 * c10::initLogging(): applies TORCH_CPP_LOG_LEVEL.
 *
 * @optional
 * @name initLogging
 */
void _ZN3c1011initLoggingEv(void);

/*
 * at::detail::getDefaultCPUGenerator(): owned by libtorch; its first 8 bytes point to the
 * implementation.
 *
 * @optional
 * @name defaultGenerator
 */
void *_ZN2at6detail22getDefaultCPUGeneratorEv(void);

/*
 * at::CPUGeneratorImpl::set_current_seed(uint64_t), on the implementation of a generator.
 *
 * @optional
 * @name setSeed
 */
void _ZN2at16CPUGeneratorImpl16set_current_seedEm(void *generator, uint64_t seed);

/*
 * c10::TensorImpl::mutable_grad(): the handle of a leaf's gradient, owned by the leaf.
 *
 * @optional
 * @name mutableGrad
 */
void *_ZN3c1010TensorImpl12mutable_gradEv(void *tensor_impl);

/* torch::cuda::device_count(); 0 without CUDA. @optional @name cudaDeviceCount */
size_t _ZN5torch4cuda12device_countEv(void);

/* torch::cuda::manual_seed_all(uint64_t); no effect without CUDA. @optional @name cudaSeed */
void _ZN5torch4cuda15manual_seed_allEm(uint64_t seed);

/* at::globalContext(): process-wide settings; static. @optional @name globalContext */
void *_ZN2at13globalContextEv(void);

/*
 * at::Context::setAllowTF32CuBLAS(bool), on the global context: allows TF32 for fp32 products.
 *
 * @optional
 * @name allowTf32
 */
void _ZN2at7Context18setAllowTF32CuBLASEb(void *context, bool allowed);

/*
 * The C interface of the BLAS that libtorch is linked to. Some builds do not export it.
 *
 * @class CBlas
 * @library torch
 * @prefix cblas_
 */

/*
 * c = alpha op(a) op(b) + beta c, on the calling thread. layout: 101 is row-major; transpose: 111
 * is no transposition, 112 transposes.
 *
 * @optional
 */
void cblas_sgemm(int32_t layout, int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n,
                 int32_t k, float alpha, const float *a, int32_t lda, const float *b, int32_t ldb,
                 float beta, float *c, int32_t ldc);

/*
 * C++ functions for tiled kernels, exported by libtorch although not part of its stable ABI. They
 * run on the calling thread and take raw addresses.
 *
 * @class TileKernels
 * @library torch
 */

/*
 * at::native::cpublas::brgemm for float: c = a b, or c += a b if add; row-major.
 *
 * @optional
 * @name floats
 */
void _ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb(int64_t m, int64_t n, int64_t k, int64_t lda,
                                                   int64_t ldb, int64_t ldc, bool add, uintptr_t a,
                                                   uintptr_t b, uintptr_t c, bool vnni);

/*
 * at::native::cpublas::brgemm for BFloat16 a and b, and float c; b has pairs of rows interleaved
 * (VNNI layout).
 *
 * @optional
 * @name bfloat16s
 */
void _ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb(int64_t m, int64_t n, int64_t k,
                                                                 int64_t lda, int64_t ldb,
                                                                 int64_t ldc, bool add, uintptr_t a,
                                                                 uintptr_t b, uintptr_t c,
                                                                 bool vnni);

/*
 * at::native::cpublas::brgemm_release: to be called after the last product of a thread.
 *
 * @optional
 * @name release
 */
void _ZN2at6native7cpublas14brgemm_releaseEb(bool vnni);

/*
 * fbgemm::transpose_simd for float, or any elements of four bytes; strides in elements.
 *
 * @optional
 * @name transpose
 */
void _ZN6fbgemm14transpose_simdIfEEvllPKT_lPS1_l(int64_t rows, int64_t columns, uintptr_t from,
                                                 int64_t ld_from, uintptr_t to, int64_t ld_to);

/* ---- jemalloc, as built by LWJGL ----------------------------------------------------------- */

/*
 * jemalloc, with the function names of LWJGL's build.
 *
 * @class Jemalloc
 * @library jemalloc
 * @prefix je_
 * @optional
 */

/* Allocates uninitialized memory; null if there is none. */
void *je_aligned_alloc(size_t alignment, size_t bytes);

/*
 * Frees memory, on any thread. Java passes its address to libtorch as a jlora_deleter; the extra
 * argument is ignored.
 *
 * @address
 */
void je_free(void *data);

/* Reads or writes a value by name, such as "arenas.lookup"; returns 0 or an errno. */
int32_t je_mallctl(const char *name, void *old_value, size_t *old_bytes, void *new_value,
                   size_t new_bytes);

/* ---- The C library --------------------------------------------------------------------- */

/*
 * Functions of the C library.
 *
 * @class LibC
 * @library libc
 */

/* Allocates memory that libtorch frees: the cell of an optional value before 2.13. */
void *malloc(size_t bytes);

/* Sets an environment variable for native code in this process; returns 0 for success. */
int32_t setenv(const char *name, const char *value, int32_t overwrite);

/* Writes the struct rusage of the process (who = 0); returns 0 for success. @optional */
int32_t getrusage(int32_t who, void *usage);

/* ---- jlora's kernels for libtorch's operators ---------------------------------------------- */

/* A torch::Library: kernels for one namespace and dispatch key; never freed. */
typedef uintptr_t jlora_library;

/* A kernel: replaces its arguments, which it owns, by results from slot 0. Must not throw. */
typedef void (*jlora_kernel)(jlora_value *stack, uint64_t arguments, uint64_t results);

/*
 * Registers jlora's kernels for libtorch's operators, and decodes the arguments of such a kernel.
 * Methods return 0 for success.
 *
 * @class OperatorRegistry
 * @library torch
 * @prefix torch_
 */

/* Creates a library of kernels for one namespace and dispatch key. @name newLibrary */
int32_t aoti_torch_library_init_impl(const char *name_space, const char *key, const char *file,
                                     uint32_t line, jlora_library *result);

/* Registers a kernel for an operator. @name implement */
int32_t torch_library_impl(jlora_library library, const char *name, jlora_kernel kernel,
                           uint64_t version);

/* The length of a list. */
int32_t torch_list_size(jlora_list list, size_t *result);

/* An encoded element of a list; the caller owns it. @name listItem */
int32_t torch_list_get_item(jlora_list list, size_t index, jlora_value *result);

/* Frees a list, but not its elements. */
int32_t torch_delete_list(jlora_list list);

/* Frees the cell of an optional value. Since 2.13; before, free(). @optional @name deleteCell */
int32_t torch_delete_stable_ivalue(uintptr_t cell);

/* ---- CUDA's fused attention: results 4 and 5 are lengths, not tensors ---------------------- */

/*
 * CUDA's fused attention kernels that return integers besides tensors.
 *
 * @class CudaAttention
 * @library torch
 * @optional
 */

/* Flash attention; scale may be null. @name flash */
int32_t aoti_torch_cuda__scaled_dot_product_flash_attention(
    jlora_tensor q, jlora_tensor k, jlora_tensor v, double dropout, int32_t is_causal,
    int32_t return_debug_mask, const double *scale, jlora_tensor *out, jlora_tensor *logsumexp,
    jlora_tensor *cum_seq_q, jlora_tensor *cum_seq_k, int64_t *max_q, int64_t *max_k,
    jlora_tensor *state, jlora_tensor *unused, jlora_tensor *debug_mask);

/* cuDNN's attention; bias may be null. @name cudnn */
int32_t aoti_torch_cuda__scaled_dot_product_cudnn_attention(
    jlora_tensor q, jlora_tensor k, jlora_tensor v, const jlora_tensor *bias,
    int32_t compute_logsumexp, double dropout, int32_t is_causal, int32_t return_debug_mask,
    const double *scale, jlora_tensor *out, jlora_tensor *logsumexp, jlora_tensor *cum_seq_q,
    jlora_tensor *cum_seq_k, int64_t *max_q, int64_t *max_k, jlora_tensor *seed,
    jlora_tensor *offset, jlora_tensor *debug_mask);

/* ---- Streams of a GPU, in builds with CUDA ------------------------------------------------- */

/* A cudaStream_t or cudaEvent_t, declared as an integer: Java only passes it on. */
typedef uintptr_t jlora_stream;
typedef uintptr_t jlora_event;

/* A guard of libtorch, which restores the previous stream when it is deleted. */
typedef uintptr_t jlora_guard;

/*
 * libtorch's CUDA streams, events that order them, and pinned host memory. Builds without CUDA have
 * none of them. Methods return 0 for success. Streams and events are long.
 *
 * @class LibTorchStreams
 * @library torch
 * @optional
 */

/*
 * Creates an uninitialized CPU tensor in pinned memory.
 *
 * @name emptyPinned
 */
int32_t aoti_torch_empty_strided_pinned(int64_t rank, const int64_t *sizes, const int64_t *strides,
                                        int32_t dtype, int32_t device_type, int32_t device_index,
                                        jlora_tensor *result);

/* The current stream of this thread; owned by libtorch. @name current */
int32_t aoti_torch_get_current_cuda_stream(int32_t device, jlora_stream *result);

/* A stream of libtorch's pool, never freed. @name fromPool */
int32_t torch_get_cuda_stream_from_pool(bool high_priority, int32_t device, jlora_stream *result);

/* Makes a stream current for this thread until the guard is deleted. @name newGuard */
int32_t aoti_torch_create_cuda_stream_guard(jlora_stream stream, int32_t device,
                                            jlora_guard *result);

/* Deletes a guard, which restores the previous stream. @name deleteGuard */
int32_t aoti_torch_delete_cuda_stream_guard(jlora_guard guard);

/* Waits for all work queued on a stream. @name synchronize */
int32_t torch_cuda_stream_synchronize(jlora_stream stream, int32_t device);

/* Creates an event on this thread's device; flag 2: without timing. @name newEvent */
int32_t cudaEventCreateWithFlags(jlora_event *result, uint32_t flags);

/* Records an event: it completes when the work queued so far is done. @name record */
int32_t cudaEventRecord(jlora_event event, jlora_stream stream);

/*
 * Makes later work of the stream wait for the event, without blocking the host. flags must be 0.
 *
 * @name await
 */
int32_t cudaStreamWaitEvent(jlora_stream stream, jlora_event event, uint32_t flags);

/* Destroys an event. @name deleteEvent */
int32_t cudaEventDestroy(jlora_event event);

#ifdef __cplusplus
}
#endif

#endif
